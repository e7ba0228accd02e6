// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCallCore

/// A household at its door, on a clock that is turned by hand.
///
/// Whatever is done returns what it led to, in the words of `Telling`. The log is kept as a ledger
/// would, so that the server can be killed and started again.
final class Household {
    let plan: CallPlan
    private(set) var log: [LoggedCallEvent] = []
    private let previewLimit: Int
    private var started: Call?
    private var sincePress = Duration.zero

    /// What both clocks showed at the press; another process has another moment for it.
    private var press = Now(
        moment: Moment(nanoseconds: 1_000_000_000),
        time: Timestamp(milliseconds: 1_800_000_000_000)
    )

    init(_ plan: CallPlan, previewLimit: Int = 8) {
        self.plan = plan
        self.previewLimit = previewLimit
    }

    convenience init(
        _ groups: [[ResidentID]] = [[Cast.anna, Cast.bert]],
        policy: DeclinePolicy = .first,
        limits: CallLimits = CallLimits(),
        previewLimit: Int = 8
    ) {
        self.init(Cast.plan(groups, policy: policy, limits: limits), previewLimit: previewLimit)
    }

    var call: Call {
        guard let started else { preconditionFailure("the button comes first") }
        return started
    }

    var now: Now {
        Now(moment: press.moment + sincePress, time: press.time + sincePress)
    }

    func presses() -> [String] {
        let (call, effects) = Call.start(plan, previewLimit: previewLimit, at: now)
        started = call
        return told(effects)
    }

    @discardableResult func sends(_ input: CallInput) -> [String] {
        var call = call
        let effects = call.handle(input, at: now)
        started = call
        return told(effects)
    }

    /// Turns the clock to a time since the press; each deadline on the way is kept on the dot.
    @discardableResult func at(_ time: Duration) -> [String] {
        precondition(time >= sincePress, "a timeline runs forwards")
        var told: [String] = []
        while let deadline = call.nextDeadline, deadline <= press.moment + time {
            sincePress = max(sincePress, deadline - press.moment)
            told += sends(.timePassed)
            guard call.nextDeadline != deadline else { return told + ["a deadline is stuck"] }
        }
        sincePress = time
        return told
    }

    /// The process stands still until a time since the press, then notices once.
    @discardableResult func standsStill(until time: Duration) -> [String] {
        sincePress = time
        return sends(.timePassed)
    }

    /// The server is killed, and ready again at a time since the press; meanwhile somebody may
    /// have set the civil clock.
    @discardableResult func restarts(
        at time: Duration,
        clockSetBy jump: Duration = .zero
    )
        -> [String]
    {
        sincePress = time
        press = Now(
            moment: Moment(nanoseconds: 77_000_000_000) - time,
            time: press.time + jump
        )
        started = Call(replaying: log, previewLimit: previewLimit, at: now)
        return sends(.restarted)
    }

    @discardableResult func disables(_ resident: ResidentID) -> [String] {
        sends(.personRemoved(resident))
    }

    private func told(_ effects: [CallEffect]) -> [String] {
        for case .record(let event) in effects {
            log.append(LoggedCallEvent(at: now.time, event: event))
        }
        return effects.map(Telling.words(of:))
    }
}

/// The guest's end.
struct PanelHand {
    let house: Household

    @discardableResult func presses() -> [String] { house.presses() }
    @discardableResult func cancels() -> [String] { house.sends(.panelHungUp) }
    @discardableResult func hangsUp() -> [String] { house.sends(.panelHungUp) }
    @discardableResult func isLost() -> [String] { house.sends(.panelLost) }
    @discardableResult func returns() -> [String] { house.sends(.panelReturned) }
    @discardableResult func returnsWithoutMemory() -> [String] { house.sends(.panelForgot) }
    @discardableResult func isRevoked() -> [String] { house.sends(.panelRevoked) }
    var sees: String { Telling.words(of: house.call.panelView) }
}

/// A resident's end: one device in somebody's hand.
struct DeviceHand {
    let house: Household
    let party: Party

    @discardableResult func rings() -> [String] { house.sends(.rang(party)) }
    @discardableResult func answers() -> [String] { house.sends(.answered(party)) }
    @discardableResult func declines() -> [String] { house.sends(.declined(party)) }
    @discardableResult func ignores() -> [String] { house.sends(.ignored(party)) }
    @discardableResult func previews() -> [String] { house.sends(.previewed(party)) }
    @discardableResult func hangsUp() -> [String] { house.sends(.hungUp(party)) }
    @discardableResult func isLost() -> [String] { house.sends(.deviceLost(party.device)) }
    @discardableResult func returns() -> [String] { house.sends(.deviceReturned(party.device)) }
    @discardableResult func isRevoked() -> [String] { house.sends(.deviceRemoved(party.device)) }
    var mayUnlock: Bool { house.call.mayUnlock(party.device) }
    var sees: String? { house.call.view(for: party.device).map(Telling.words(of:)) }
}

/// A suite with a household of its own.
protocol AtTheDoor {
    var house: Household { get }
}

extension AtTheDoor {
    var panel: PanelHand { PanelHand(house: house) }
    var anna: DeviceHand { DeviceHand(house: house, party: Cast.annasPhone) }
    var annasTablet: DeviceHand { DeviceHand(house: house, party: Cast.annasTablet) }
    var bert: DeviceHand { DeviceHand(house: house, party: Cast.bertsPhone) }
    var clara: DeviceHand { DeviceHand(house: house, party: Cast.clarasPhone) }
    var porter: DeviceHand { DeviceHand(house: house, party: Cast.portersDesk) }
    var stranger: DeviceHand { DeviceHand(house: house, party: Cast.strangersPhone) }

    @discardableResult func at(_ time: Duration) -> [String] { house.at(time) }
}
