// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics

/// One way to a device: where its app said it can be reached.
///
/// A device may have several (APNs VoIP for rings and APNs alert for the rest). ``token`` and
/// ``parameters`` address the device: whoever has them can disturb it, so they are never printed.
public struct Registration: Sendable, Equatable {
    /// This registration.
    public let id: RegistrationID

    /// The device it reaches.
    public let device: DeviceID

    /// The app on it, whose keys the notifier uses; nil for ways that need none.
    public let app: AppID?

    /// The ``Notifier/name`` of who delivers to it.
    public let notifier: String

    /// What it is for where the provider tells several apart, such as `voip` and `alert`.
    public let kind: String

    /// The provider's environment where it has several (`production`, `development`).
    public let environment: String?

    /// The provider's address of the device: a token, or an endpoint's URL.
    public let token: String

    /// What else the way needs, such as Web Push's `p256dh` and `auth`.
    public let parameters: [String: String]

    /// Whether ``token`` leads to something that stands for many devices, such as an operator's
    /// gateway, which has to be told which one it is about.
    public let sharesAddress: Bool

    /// When the app last registered it: a provider's older complaint does not count.
    public let registeredAt: Timestamp

    /// A registration as the store keeps it.
    public init(
        id: RegistrationID,
        device: DeviceID,
        app: AppID? = nil,
        notifier: String,
        kind: String = "",
        environment: String? = nil,
        token: String,
        parameters: [String: String] = [:],
        sharesAddress: Bool = false,
        registeredAt: Timestamp
    ) {
        self.id = id
        self.device = device
        self.app = app
        self.notifier = notifier
        self.kind = kind
        self.environment = environment
        self.token = token
        self.parameters = parameters
        self.sharesAddress = sharesAddress
        self.registeredAt = registeredAt
    }

    /// Six hexadecimal digits by which two lines of a log can be seen to mean the same token.
    ///
    /// 24 bits of FNV-1a: enough to compare, far too few to find a token by.
    public var tokenMark: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in token.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String((hash ^ hash >> 24 ^ hash >> 48) & 0xFF_FFFF, radix: 16)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }
}

extension Registration: CustomStringConvertible, CustomReflectable {
    /// Its ids and the notifier, without what addresses the device.
    public var description: String { "\(id) of \(device) by \(notifier), token #\(tokenMark)" }

    /// Without token and parameters.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: ["id": id, "device": device, "notifier": notifier, "token": tokenMark]
        )
    }
}
