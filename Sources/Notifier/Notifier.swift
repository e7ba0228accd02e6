// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics

/// What became of one try to hand a notice over.
public enum Verdict: Sendable, Equatable {
    /// The provider took it; `reference` is the provider's own id for questions to it. It does
    /// not mean that the device has it.
    case accepted(reference: String?)

    /// The provider says that nobody lives there any more, `since` when if it says so: the
    /// registration is forgotten, unless the app has registered it again after that.
    case rejectedToken(reason: String, since: Timestamp?)

    /// Not now: try again, not before `after` if the provider said when.
    case retry(after: Duration?, reason: String)

    /// Not now, and nothing else of this lane (``Notifier/lane(for:)``): the provider wants no
    /// request of ours for this long. Tried again after it, while the notice lives.
    case pause(for: Duration, reason: String)

    /// It will not work by trying again: a configuration fault, a refused payload. The
    /// registration is kept.
    case failed(reason: String)
}

/// Delivers notices over one provider: the port that APNs, FCM, Web Push, a webhook, a relay or
/// something of your own fills.
///
/// The server calls ``send(_:to:within:)`` from many tasks at once and handles what all
/// notifiers have in common: which devices, how often to try within the notice's life, how many
/// at once, and what is told about it. A notifier knows its provider: payload, keys for each
/// ``Registration/app``, connections, and which answers mean what.
///
/// * It returns within the time allowed, and early with any verdict when its task is cancelled.
/// * It tries once. What the provider's protocol itself repeats (a refused access token, APNs'
///   other environment) it may repeat inside that time; what it learns so it remembers itself.
/// * When many tokens of one app are rejected at once, the fault is its own configuration: it
///   then answers `failed`, so that no registration is lost.
/// * Reasons and references are shown to managers: they hold no token, key or name.
///
/// `NotifierContract` (product VestibuleNotifierContract) holds a notifier to this.
public protocol Notifier: Sendable {
    /// What ``Registration/notifier`` calls it, such as `webhook`: lower case, without spaces.
    var name: String { get }

    /// Whether a notice of this kind may go to `registration`.
    ///
    /// APNs VoIP, for one, takes nothing but rings. Must answer at once, from any thread.
    func takes(_ kind: NoticeKind, for registration: Registration) -> Bool

    /// What stands and falls together with `registration`, such as a provider or a host.
    ///
    /// So many tries at once are made in each lane (``PushLimits/laneInFlight``), so that one that
    /// hangs holds up no other; notifiers that name the same lane share it. Answers at once, from
    /// any thread; the text is not shown.
    func lane(for registration: Registration) -> String

    /// Hands `notice` to the provider for `registration`.
    ///
    /// `allowance` is the longest it may take; a verdict that comes later is not heard.
    func send(
        _ notice: Notice,
        to registration: Registration,
        within allowance: Duration
    ) async -> Verdict

    /// Lets go of connections; what is sent after it fails. Called once at least, at the end.
    func shutdown() async
}

extension Notifier {
    /// Takes every kind.
    public func takes(_ kind: NoticeKind, for registration: Registration) -> Bool { true }

    /// One lane for all: the notifier's name.
    public func lane(for registration: Registration) -> String { name }

    /// Nothing to let go of.
    public func shutdown() async {}
}
