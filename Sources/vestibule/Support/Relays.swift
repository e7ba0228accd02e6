// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// The simulated relays of a panel: they act in the client's callback, as real ones must, because a
/// door that opens late opens for somebody else.
///
/// A command may come before `Panel.connect` has returned the panel; its result is told as soon as
/// there is one to tell it through.
final class Relays: Sendable {
    private struct State {
        weak var panel: Panel?
        var untold: [CommandID] = []
    }

    private let outcome: DoorOutcome
    private let tell: @Sendable (Panel.DoorCommand, DoorOutcome) -> Void
    private let state = Locked(State())

    /// Relays with which every command comes out like this; `tell` is called for each, at once.
    init(
        outcome: DoorOutcome = .opened,
        tell: @escaping @Sendable (Panel.DoorCommand, DoorOutcome) -> Void
    ) {
        self.outcome = outcome
        self.tell = tell
    }

    /// Starts the relay; on the client's thread, does not wait.
    func open(_ order: Panel.DoorCommand) {
        tell(order, outcome)
        let panel = state.withLock { state in
            if state.panel == nil { state.untold.append(order.command) }
            return state.panel
        }
        panel?.doorDid(order.command, outcome)
    }

    /// The panel is there: results go to it.
    func attach(to panel: Panel) {
        let untold = state.withLock { state in
            defer { state.untold = [] }
            state.panel = panel
            return state.untold
        }
        for command in untold { panel.doorDid(command, outcome) }
    }
}
