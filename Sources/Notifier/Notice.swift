// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics

/// What a device shall learn by push: ids and times, no names.
///
/// A notice says that there is something to look at; the truth is on the server. So it may come
/// late, twice or not at all without harm, and the device asks after `call` when it wakes.
public struct Notice: Sendable, Equatable {
    /// This notice; a repeated try carries the same.
    public let push: PushID

    /// What it is about.
    public let kind: NoticeKind

    /// The call, where it is about one.
    public let call: CallID?

    /// The property whose notice it is; providers' keys may hang on it.
    public let property: PropertyID

    /// When it is worthless: a ring's end.
    public let expiresAt: Timestamp

    /// From ``serverTime`` to ``expiresAt``; devices' clocks are not trusted.
    public internal(set) var remaining: Duration

    /// When it was handed to the notifier.
    public internal(set) var serverTime: Timestamp

    /// Its place among the notices of the call: a cancel that overtakes its ring wins.
    public let seq: Int

    /// The node to connect to.
    public let url: String?

    /// Proves that a device got this notice (`POST /v1/push/{push}/ack`).
    public let ackKey: Secret?

    /// Lets the notification's buttons act without signing in, for as long as it rings.
    public let actionKey: Secret?

    /// A notice as it stands at `now`.
    public init(
        push: PushID,
        kind: NoticeKind,
        call: CallID?,
        property: PropertyID,
        expiresAt: Timestamp,
        now: Timestamp,
        seq: Int,
        url: String? = nil,
        ackKey: Secret? = nil,
        actionKey: Secret? = nil
    ) {
        self.push = push
        self.kind = kind
        self.call = call
        self.property = property
        self.expiresAt = expiresAt
        self.remaining = max(.zero, expiresAt - now)
        self.serverTime = now
        self.seq = seq
        self.url = url
        self.ackKey = ackKey
        self.actionKey = actionKey
    }

    /// The same notice `remaining` before its end, as the next try hands it over.
    func handedOver(at time: Timestamp, remaining: Duration) -> Notice {
        var notice = self
        notice.serverTime = time
        notice.remaining = remaining
        return notice
    }
}
