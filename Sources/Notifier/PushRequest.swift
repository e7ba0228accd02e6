// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// A notice and every way to the device that shall have it.
package struct PushRequest: Sendable, Equatable {
    /// What to tell.
    ///
    /// Its life is counted from the moment of submission.
    package let notice: Notice

    /// The ways; the notice goes over each that takes its kind, at once.
    package let registrations: [Registration]

    /// The device.
    package let device: DeviceID

    /// Whether seconds matter, as for a missed call that is a ring's only stop.
    package let isUrgent: Bool

    /// A request, as urgent as the notice's kind or more.
    package init(
        notice: Notice,
        registrations: [Registration],
        device: DeviceID,
        isUrgent: Bool = false
    ) {
        self.notice = notice
        self.registrations = registrations
        self.device = device
        self.isUrgent = isUrgent || notice.kind.isUrgent
    }
}

/// What became of a notice on one way: one report for each try, and one at the end if the end was
/// not a try.
package struct PushReport: Sendable, Equatable {
    package let push: PushID
    package let device: DeviceID

    /// Whose call or device it is.
    package let property: PropertyID

    /// The way, or nil where the device has none that could be tried.
    package let registration: RegistrationID?

    package let kind: NoticeKind
    package let call: CallID?

    /// The notifier's name, `none` where there was no way.
    package let notifier: String

    package let verdict: Verdict
    package let at: Timestamp

    /// Tries so far, this one included.
    package let tries: Int

    /// Whether nothing more will be heard of this notice on this way.
    package let isFinal: Bool

    package init(
        push: PushID,
        device: DeviceID,
        property: PropertyID,
        registration: RegistrationID?,
        kind: NoticeKind,
        call: CallID?,
        notifier: String,
        verdict: Verdict,
        at: Timestamp,
        tries: Int,
        isFinal: Bool
    ) {
        self.push = push
        self.device = device
        self.property = property
        self.registration = registration
        self.kind = kind
        self.call = call
        self.notifier = notifier
        self.verdict = verdict
        self.at = at
        self.tries = tries
        self.isFinal = isFinal
    }
}

/// The reasons that are the desk's own, not a provider's; stable words.
package enum PushReason {
    /// The notice's life was over before it could be handed over.
    package static let expired = "expired"

    /// The ring was over for the device before it had left.
    package static let overtaken = "overtaken"

    /// The device registered no way.
    package static let noRegistration = "no_registration"

    /// The device's ways have no notifier here, or none that takes this kind.
    package static let noNotifier = "no_notifier"

    /// The notifier did not answer in the time it was allowed.
    package static let noAnswer = "no_answer"

    /// The app registered again after the provider's complaint.
    package static let registeredSince = "registered_since"

    /// The server is going down.
    package static let shutdown = "shutdown"

    /// The desk has as much as it may hold, or the place was taken by something urgent.
    package static let inboxFull = "inbox_full"
}

/// What the desk has done since it began.
package struct PushCounters: Sendable, Equatable {
    /// Requests handed in.
    package var submitted = 0

    /// Ways refused or evicted, ``PushReason/inboxFull``; they are among the failed.
    package var refusedInboxFull = 0

    /// Ways given up, ``PushReason/shutdown``; they are among the failed.
    package var refusedShutdown = 0

    /// Tries whose verdict was `accepted`, and so on.
    package var accepted = 0
    package var rejectedTokens = 0
    package var retries = 0
    package var failed = 0

    /// Ways given up by the desk itself, by reason; they are among the failed.
    package var expired = 0
    package var overtaken = 0

    /// Notices times ways that wait or are under way now.
    package var pending = 0

    package init() {}
}
