// SPDX-License-Identifier: Apache-2.0

extension Limits {
    /// A bound that the configuration can set.
    public struct Setting: Sendable {
        /// Its key below `limits`, dotted, such as `call.ring`.
        public let key: String

        /// The unit the configuration writes it in.
        public let kind: Kind

        /// Whether a time of 0 means something: "not at all", or "at once".
        public var mayBeZero = false
    }

    /// Where a bound lives, and with that its unit: durations are written in seconds, with a
    /// fraction if need be.
    public enum Kind: Sendable {
        /// A time, written in seconds.
        case seconds(any WritableKeyPath<Limits, Duration> & Sendable)
        /// A number of things, bytes or bits, written as an integer.
        case count(any WritableKeyPath<Limits, Int> & Sendable)
    }

    /// Every bound that can be set, in the order of the documentation.
    public static let settings: [Setting] = [
        Setting(key: "session.hello", kind: .seconds(\.session.hello)),
        Setting(key: "session.heartbeat", kind: .seconds(\.session.heartbeat)),
        Setting(key: "session.callHeartbeat", kind: .seconds(\.session.callHeartbeat)),
        Setting(key: "session.callSilence", kind: .seconds(\.session.callSilence)),
        Setting(key: "session.ownStall", kind: .seconds(\.session.ownStall)),
        Setting(key: "session.resume", kind: .seconds(\.session.resume), mayBeZero: true),
        Setting(key: "session.tombstone", kind: .seconds(\.session.tombstone), mayBeZero: true),
        Setting(key: "session.events", kind: .count(\.session.events)),
        Setting(key: "session.answers", kind: .count(\.session.answers)),
        Setting(key: "session.welcomedCalls", kind: .count(\.session.welcomedCalls)),
        Setting(key: "session.versions", kind: .count(\.session.versions)),
        Setting(key: "session.messagesPerSecond", kind: .count(\.session.messagesPerSecond)),
        Setting(key: "session.messageBurst", kind: .count(\.session.messageBurst)),
        Setting(key: "session.framesPerSecond", kind: .count(\.session.framesPerSecond)),
        Setting(key: "session.bitsPerSecond", kind: .count(\.session.bitsPerSecond)),
        Setting(key: "session.mediaBurst", kind: .seconds(\.session.mediaBurst)),
        Setting(key: "session.refusalsBeforeClose", kind: .count(\.session.refusalsBeforeClose)),
        Setting(key: "session.message", kind: .count(\.session.message)),
        Setting(key: "session.helloMessage", kind: .count(\.session.helloMessage)),
        Setting(key: "session.frame", kind: .count(\.session.frame)),
        Setting(key: "session.badMessages", kind: .count(\.session.badMessages)),
        Setting(key: "session.badFrames", kind: .count(\.session.badFrames)),
        Setting(key: "session.detached", kind: .count(\.session.detached)),
        Setting(key: "call.ring", kind: .seconds(\.call.ring)),
        Setting(key: "call.ringLeast", kind: .seconds(\.call.ringLeast)),
        Setting(key: "call.ringMost", kind: .seconds(\.call.ringMost)),
        Setting(key: "call.group", kind: .seconds(\.call.group), mayBeZero: true),
        Setting(key: "call.grace", kind: .seconds(\.call.grace), mayBeZero: true),
        Setting(key: "call.duration", kind: .seconds(\.call.duration)),
        Setting(key: "call.warning", kind: .seconds(\.call.warning), mayBeZero: true),
        Setting(
            key: "call.ringAfterRestart",
            kind: .seconds(\.call.ringAfterRestart),
            mayBeZero: true
        ),
        Setting(key: "call.previews", kind: .count(\.call.previews)),
        Setting(key: "call.offered", kind: .count(\.call.offered)),
        Setting(key: "call.live", kind: .count(\.call.live)),
        Setting(key: "door.deadline", kind: .seconds(\.door.deadline)),
        Setting(key: "door.patience", kind: .seconds(\.door.patience), mayBeZero: true),
        Setting(key: "door.hold", kind: .seconds(\.door.hold)),
        Setting(key: "door.lateResult", kind: .seconds(\.door.lateResult), mayBeZero: true),
        Setting(key: "door.key", kind: .seconds(\.door.key)),
        Setting(key: "door.keysKept", kind: .count(\.door.keysKept)),
        Setting(key: "door.keysPerDevice", kind: .count(\.door.keysPerDevice)),
        Setting(key: "door.keyLength", kind: .count(\.door.keyLength)),
        Setting(key: "media.age", kind: .seconds(\.media.age)),
        Setting(key: "media.lane", kind: .count(\.media.lane)),
        Setting(key: "media.keyFrameInterval", kind: .seconds(\.media.keyFrameInterval)),
        Setting(key: "media.keyFrameRepeat", kind: .seconds(\.media.keyFrameRepeat)),
        Setting(key: "media.keyFrameTime", kind: .seconds(\.media.keyFrameTime)),
        Setting(key: "media.keyFrameLeast", kind: .count(\.media.keyFrameLeast)),
        Setting(key: "media.pictureTime", kind: .seconds(\.media.pictureTime)),
        Setting(key: "media.largeKeyFrame", kind: .seconds(\.media.largeKeyFrame)),
        Setting(key: "media.reportedLag", kind: .seconds(\.media.reportedLag)),
        Setting(key: "media.reportAge", kind: .seconds(\.media.reportAge)),
        Setting(key: "media.previewBits", kind: .count(\.media.previewBits)),
        Setting(key: "media.spareLanes", kind: .count(\.media.spareLanes)),
        Setting(key: "media.mailbox", kind: .count(\.media.mailbox)),
        Setting(key: "media.controlStall", kind: .seconds(\.media.controlStall)),
        Setting(key: "media.controlLane", kind: .count(\.media.controlLane)),
        Setting(key: "overload.busy", kind: .count(\.overload.busy)),
        Setting(key: "overload.calm", kind: .count(\.overload.calm)),
        Setting(key: "overload.lag", kind: .seconds(\.overload.lag)),
        Setting(key: "overload.seconds", kind: .count(\.overload.seconds)),
        Setting(key: "ledger.patience", kind: .seconds(\.ledger.patience), mayBeZero: true),
        Setting(key: "ledger.backlog", kind: .count(\.ledger.backlog)),
        Setting(key: "ledger.rewrite", kind: .seconds(\.ledger.rewrite)),
        Setting(key: "ledger.batch", kind: .count(\.ledger.batch)),
        Setting(key: "ledger.watch", kind: .seconds(\.ledger.watch)),
        Setting(key: "ledger.retry", kind: .seconds(\.ledger.retry)),
        Setting(key: "ledger.checkpoint", kind: .count(\.ledger.checkpoint)),
        Setting(key: "ledger.sweep", kind: .seconds(\.ledger.sweep)),
        Setting(key: "ledger.pruneBatch", kind: .count(\.ledger.pruneBatch)),
        Setting(key: "ledger.sent", kind: .seconds(\.ledger.sent)),
        Setting(key: "push.inbox", kind: .count(\.push.inbox)),
        Setting(key: "push.laterInbox", kind: .count(\.push.laterInbox)),
        Setting(key: "push.inFlight", kind: .count(\.push.inFlight)),
        Setting(key: "push.laneInFlight", kind: .count(\.push.laneInFlight)),
        Setting(key: "push.lanePause", kind: .seconds(\.push.lanePause)),
        Setting(key: "push.attempt", kind: .seconds(\.push.attempt)),
        Setting(key: "push.attempts", kind: .count(\.push.attempts)),
        Setting(key: "push.pause", kind: .seconds(\.push.pause), mayBeZero: true),
        Setting(key: "push.patience", kind: .seconds(\.push.patience)),
        Setting(key: "push.closing", kind: .seconds(\.push.closing)),
        Setting(key: "push.missedLife", kind: .seconds(\.push.missedLife)),
        Setting(key: "push.records", kind: .seconds(\.push.records)),
        Setting(key: "transport.body", kind: .count(\.transport.body)),
        Setting(key: "transport.request", kind: .seconds(\.transport.request)),
        Setting(key: "transport.keepAlive", kind: .seconds(\.transport.keepAlive)),
        Setting(key: "transport.handler", kind: .seconds(\.transport.handler)),
        Setting(key: "transport.response", kind: .seconds(\.transport.response)),
        Setting(key: "transport.closing", kind: .seconds(\.transport.closing)),
        Setting(key: "transport.silence", kind: .seconds(\.transport.silence)),
        Setting(key: "transport.shutdown", kind: .seconds(\.transport.shutdown)),
        Setting(key: "transport.accepts", kind: .count(\.transport.accepts)),
        Setting(key: "transport.acceptBurst", kind: .count(\.transport.acceptBurst)),
        Setting(key: "transport.plainPerAddress", kind: .count(\.transport.plainPerAddress)),
        Setting(key: "transport.plain", kind: .count(\.transport.plain)),
        Setting(
            key: "transport.unauthenticatedPerAddress",
            kind: .count(\.transport.unauthenticatedPerAddress)
        ),
        Setting(key: "transport.unauthenticated", kind: .count(\.transport.unauthenticated)),
        Setting(key: "transport.failedLogins", kind: .count(\.transport.failedLogins)),
        Setting(key: "transport.notSentLowWater", kind: .count(\.transport.notSentLowWater)),
    ]
}
