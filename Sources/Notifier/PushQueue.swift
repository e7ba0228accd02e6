// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// Decides when which notice is tried over which way: pure, time is an input.
///
/// One input, then perform all its actions in order, then the next input. Each (notice, way) is a
/// job: it waits, is under way, pauses before the next try, and ends with a final report.
///
///     waiting ──start──▶ under way ──verdict──▶ (ended)
///        ▲                   │ retry, still alive
///        └──── pausing ◀─────┘
///
/// Each lane (a provider, a host) has its places, so that one that hangs delays nobody else's
/// rings; within a lane what is urgent goes first. What is there at once is bounded; when it is
/// full, what is urgent takes the place of what is not.
package struct PushQueue: Sendable {
    /// Names a job between an action and its answer.
    package typealias Ticket = UInt64

    /// What happened.
    package enum Input: Sendable {
        /// A request whose registrations all have a notifier here that takes its kind;
        /// `reason` says why there is none if there is none.
        case submitted(PushRequest, reason: String = PushReason.noRegistration)

        /// These devices have no business with the call's ring any longer: it is not tried again.
        case silenced(CallID, [DeviceID])

        /// The notifier's verdict on a try; one that comes too late is dropped.
        case answered(Ticket, tried: Int, Verdict)

        /// ``PushQueue/next`` has come.
        case timePassed

        /// The server goes down: nothing is tried from now on.
        case closed
    }

    /// What is to be done.
    package enum Action: Sendable, Equatable {
        /// Call the notifier; answer with `answered`.
        case start(Attempt)

        /// Tell.
        case report(PushReport)
    }

    /// One try.
    package struct Attempt: Sendable, Equatable {
        package let ticket: Ticket

        /// Which try of the job: goes back with the answer.
        package let tried: Int

        package let notice: Notice
        package let registration: Registration

        /// The longest it may take.
        package let allowance: Duration
    }

    struct Job: Sendable {
        let notice: Notice
        let registration: Registration
        let device: DeviceID
        let lane: String
        let isUrgent: Bool
        let expires: Moment
        var tries = 0
        var isOvertaken = false
        var state: State
    }

    enum State: Sendable, Equatable {
        case waiting
        case underWay(until: Moment)
        case pausing(until: Moment)
    }

    /// A device in a call.
    struct Ringing: Hashable, Sendable {
        let call: CallID
        let device: DeviceID
    }

    let limits: PushLimits
    let laneOf: @Sendable (Registration) -> String
    var generator: SeededGenerator
    var jobs: [Ticket: Job] = [:]
    var lanes = PushLanes()
    var rings: [Ringing: [Ticket]] = [:]

    /// What can wait, the oldest first: what an urgent notice may evict.
    ///
    /// Some have ended already.
    var evictable = TicketQueue()
    var laterJobs = 0
    var timers = PushTimers()
    var lastTicket: Ticket = 0
    var isClosed = false

    /// An empty queue; `seed` draws the jitter of pauses, `lane` is the notifiers'
    /// (``Notifier/lane(for:)``).
    package init(
        limits: PushLimits,
        seed: UInt64,
        lane: @escaping @Sendable (Registration) -> String = { $0.notifier }
    ) {
        self.limits = limits
        laneOf = lane
        generator = SeededGenerator(seed: seed)
    }

    /// Jobs that wait, pause or are under way.
    package var count: Int { jobs.count }

    /// When `timePassed` is wanted; a moment too early or too often does no harm.
    package var next: Moment? {
        [timers.earliest, lanes.earliestReopening].compactMap(\.self).min()
    }

    /// Takes one input in.
    package mutating func handle(_ input: Input, at now: Now) -> [Action] {
        var actions: [Action] = []
        switch input {
        case .submitted(let request, let reason): submit(request, reason, now, &actions)
        case .silenced(let call, let devices):
            for device in devices {
                overtake(Ringing(call: call, device: device), now, &actions)
            }
        case .answered(let ticket, let tried, let verdict) where jobs[ticket]?.tries == tried:
            answer(ticket, verdict, now, &actions)
        case .answered:
            // Of a try that was given up meanwhile.
            break
        case .timePassed: passTime(now, &actions)
        case .closed: close(now, &actions)
        }
        startWhatMay(now, &actions)
        tidy()
        return actions
    }
}
