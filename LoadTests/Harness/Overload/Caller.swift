// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// A panel that presses although there are calls enough, and the device of the unit that it rings.
///
/// Each press is refused `busy_server` at once, or rings, until the guest gives up.
final class Caller {
    /// What came of all presses.
    final class Tally {
        var presses = 0
        var refused = 0

        /// Presses that rang.
        var taken = 0

        /// Press → refusal, and press → ring.
        var refusals = Latency()
        var rings = Latency()
    }

    private enum State {
        case idle
        case pressed(due: Moment)
        case ringing(CallID)
    }

    private let panel: EpollClient<PanelClient>
    private let resident: EpollClient<ResidentClient>
    private let unit: UnitID
    private let measures: Measures
    private let tally: Tally
    private var state = State.idle
    private var isPanelOpen = false
    private var isResidentOpen = false
    private var isLeaving = false

    init(
        panel: Building.Panel,
        unit: Building.Unit,
        device: Building.Device,
        on stage: Stage,
        _ tally: Tally
    ) {
        self.panel = EpollClient(
            PanelClient(settings: Pair.settings(panel.id), token: Secret(panel.token)),
            on: stage.loop,
            to: stage.server.address
        )
        resident = EpollClient(
            ResidentClient(settings: Pair.settings(device.id), token: Secret(device.token)),
            on: stage.loop,
            to: stage.server.address
        )
        self.unit = UnitID(lenient: unit.id)
        measures = stage.measures
        self.tally = tally
        self.panel.onReport = { [unowned self] in told($0) }
        resident.onReport = { [unowned self] in told($0) }
    }

    func connect() {
        panel.start()
        resident.start()
    }

    var isConnected: Bool { isPanelOpen && isResidentOpen }

    var isIdle: Bool { if case .idle = state { true } else { false } }

    func press(due: Moment) {
        measures.pressed(due: due, at: EpollLoop.clock())
        guard isIdle else { return measures.fault(.overrun, "a press found its panel in a call") }
        tally.presses += 1
        state = .pressed(due: due)
        panel.order(.press(unit))
    }

    /// The guest goes, unless nobody was rung for them.
    func giveUp() {
        switch state {
        case .idle: break
        case .pressed: measures.fault(.failedCall, "a press was neither refused nor rang")
        case .ringing: panel.order(.hangUp)
        }
    }

    func disconnect() {
        isLeaving = true
        if !isIdle { measures.fault(.overrun, "a press is not over") }
        measures.check(panel.machine.counters, of: "panel")
        measures.check(resident.machine.counters, of: "resident")
        panel.end()
        resident.end()
    }
}

// MARK: - What the clients tell

extension Caller {
    private func told(_ report: PanelEvent) {
        switch report {
        case .connection(let status):
            note(status, of: "panel", wasOpen: isPanelOpen)
            isPanelOpen = status == .open
        case .screen(.ended(_, let ending)): ended(ending)
        default: break
        }
    }

    private func told(_ report: ResidentEvent) {
        switch report {
        case .connection(let status):
            note(status, of: "resident", wasOpen: isResidentOpen)
            isResidentOpen = status == .open
        case .incoming(let call): rang(call.call)
        case .changed(let call) where call.state == .ended:
            guard let outcome = call.outcome, outcome != .cancelled else { break }
            measures.fault(.wrongOutcome, "a device was told \(outcome.rawValue)")
        default: break
        }
    }

    private func rang(_ call: CallID) {
        guard case .pressed(let due) = state else {
            return measures.fault(.wrongOutcome, "a device was rung for a press that is over")
        }
        state = .ringing(call)
        tally.taken += 1
        tally.rings.record(from: due, to: EpollLoop.clock())
    }

    private func ended(_ ending: PanelEnding) {
        switch ending {
        // Of our own hanging up; the outcome follows.
        case .here: return
        case .outcome(.cancelled): break
        case .outcome(let outcome):
            measures.fault(.wrongOutcome, "a press that nobody answers: \(Self.word(outcome))")
        case .failed(let failure): refused(failure)
        case .connectionLost:
            measures.fault(.failedCall, "the panel's connection was gone too long")
        }
        state = .idle
    }

    private func refused(_ failure: RequestFailure) {
        guard case .refused(let refusal) = failure, refusal.code == .busyServer,
            case .pressed(let due) = state
        else { return measures.fault(.failedCall, "press: \(Pair.words(failure))") }
        tally.refused += 1
        tally.refusals.record(from: due, to: EpollLoop.clock())
    }

    private func note(_ status: ConnectionStatus, of who: String, wasOpen: Bool) {
        guard wasOpen, status != .open, !isLeaving else { return }
        measures.fault(.lostConnection, "a \(who)'s: \(status)")
    }

    private static func word(_ outcome: Outcome?) -> String { outcome?.rawValue ?? "nothing" }
}
