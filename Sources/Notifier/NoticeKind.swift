// SPDX-License-Identifier: Apache-2.0

/// What a notice is about.
///
/// More kinds will come: a notifier treats one it does not know as ``missed``, something to show
/// without sound.
public struct NoticeKind: RawRepresentable, Hashable, Sendable {
    /// The word on the wire.
    public let rawValue: String

    /// The kind that `rawValue` names.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Somebody stands at the door: wake the device, ring until the notice expires.
    public static let ring = NoticeKind(rawValue: "ring")

    /// Stop ringing for this call.
    public static let cancel = NoticeKind(rawValue: "cancel")

    /// A call ended unanswered.
    public static let missed = NoticeKind(rawValue: "missed")

    /// Somebody asked whether this device can be reached.
    public static let test = NoticeKind(rawValue: "test")

    /// Whether seconds matter: such notices go before all others.
    ///
    /// A missed call that ends a ring is urgent too; its kind does not tell.
    public var isUrgent: Bool { self == .ring || self == .cancel || self == .test }
}

extension Notice {
    /// Whether its device has to ring no longer for the call.
    var endsRing: Bool { kind == .cancel || kind == .missed }
}

extension NoticeKind: CustomStringConvertible {
    /// The word on the wire.
    public var description: String { rawValue }
}
