// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCallCore

/// One input and what it led to; the press itself has no input and nothing before it.
struct Turn {
    let before: Call?
    let input: CallInput?
    let effects: [CallEffect]
    let after: Call
    let now: Now

    var records: [CallEvent] {
        effects.compactMap { effect in
            if case .record(let event) = effect { event } else { nil }
        }
    }
}

/// A call whose plan and whose inputs are drawn.
struct DrawnCall {
    let plan: CallPlan
    let previewLimit: Int

    /// Everybody who may send something; the last is a stranger.
    let parties: [Party]
    private(set) var call: Call
    private(set) var log: [LoggedCallEvent] = []
    private(set) var turns: [Turn] = []
    private var now = Now(
        moment: Moment(nanoseconds: 1_000_000_000),
        time: Timestamp(milliseconds: 1_800_000_000_000)
    )

    init(using random: inout SeededGenerator) {
        let people = (1...UInt64.random(in: 1...5, using: &random)).map { person in
            OfferedPerson(
                resident: ResidentID(high: 3, low: person),
                devices: (1...UInt64.random(in: 1...3, using: &random)).map {
                    DeviceID(high: 4, low: person * 10 + $0)
                }
            )
        }
        let stranger = Party(
            resident: ResidentID(high: 3, low: 99),
            device: DeviceID(high: 4, low: 99)
        )
        parties =
            people.flatMap { person in
                person.devices.map { Party(resident: person.resident, device: $0) }
            } + [stranger]
        plan = Self.plan(people, using: &random)
        previewLimit = Int.random(in: 0...3, using: &random)
        let (call, effects) = Call.start(plan, previewLimit: previewLimit, at: now)
        self.call = call
        keep(Turn(before: nil, input: nil, effects: effects, after: call, now: now))
    }

    /// Groups may be empty of people, and a person may be in several.
    private static func plan(
        _ people: [OfferedPerson],
        using random: inout SeededGenerator
    ) -> CallPlan {
        let groups = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            Array(
                people.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random))
            )
        }
        let skipped =
            Bool.random(using: &random)
            ? [SkippedPerson(resident: ResidentID(high: 3, low: 50), reason: .quietHours)] : []
        var times = CallTimes(limits: CallLimits(), ring: nil)
        times.ring = Int64.random(in: 10...120, using: &random) * 1_000
        times.group = Int64.random(in: 1...30, using: &random) * 500
        times.grace = Int64.random(in: 1...20, using: &random) * 1_000
        times.duration = Int64.random(in: 5...100, using: &random) * 1_000
        times.warning = Int64.random(in: 0...30, using: &random) * 1_000
        return CallPlan(
            call: CallID(high: 1, low: 1),
            property: PropertyID(high: 1, low: 2),
            unit: UnitID(high: 1, low: 3),
            panel: PanelID(high: 1, low: 4),
            handle: 7,
            groups: groups,
            skipped: skipped,
            policy: Bool.random(using: &random) ? .first : .all,
            times: times
        )
    }

    /// Time passes, an alarm may ring, and something happens.
    mutating func step(using random: inout SeededGenerator) {
        advance(using: &random)
        if let deadline = call.nextDeadline, deadline <= now.moment,
            Int.random(in: 0..<10, using: &random) > 0
        {
            handle(.timePassed)
        }
        if Int.random(in: 0..<30, using: &random) == 0, let again = replayed() {
            call = again
            handle(.restarted)
        } else {
            handle(input(using: &random))
        }
    }

    /// The call as a new process would rebuild it now.
    func replayed() -> Call? { Call(replaying: log, previewLimit: previewLimit, at: now) }

    private mutating func handle(_ input: CallInput) {
        let before = call
        let effects = call.handle(input, at: now)
        keep(Turn(before: before, input: input, effects: effects, after: call, now: now))
    }

    private mutating func keep(_ turn: Turn) {
        turns.append(turn)
        log += turn.records.map { LoggedCallEvent(at: turn.now.time, event: $0) }
    }

    private mutating func advance(using random: inout SeededGenerator) {
        let step: Duration =
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<10: .milliseconds(Int.random(in: 0...2_000, using: &random))
            case 10..<14: max(.zero, (call.nextDeadline ?? now.moment) - now.moment)
            case 14: .seconds(60)
            default: .zero
            }
        now = Now(moment: now.moment + step, time: now.time + step)
    }

    /// What ends a call at once is drawn seldom, so that calls grow old.
    func input(using random: inout SeededGenerator) -> CallInput {
        let party = parties[Int.random(in: 0..<parties.count, using: &random)]
        return switch Int.random(in: 0..<100, using: &random) {
        case 0..<14: .rang(party)
        case 14..<20: .answered(party)
        case 20..<25: .declined(party)
        case 25..<35: .ignored(party)
        case 35..<50: .previewed(party)
        case 50..<54: .hungUp(party)
        case 54: .panelHungUp
        case 55..<60: .panelLost
        case 60..<67: .panelReturned
        case 67: .panelForgot
        case 68: .panelRevoked
        case 69..<77: .deviceLost(party.device)
        case 77..<85: .deviceReturned(party.device)
        case 85..<88: .personRemoved(party.resident)
        case 88..<94: .deviceRemoved(party.device)
        default: .timePassed
        }
    }
}
