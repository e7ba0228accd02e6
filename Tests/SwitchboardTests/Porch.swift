// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleStorage
import VestibuleTestKit
import VestibuleWire

/// One flat with Anna (a phone, a tablet) and Bert (a phone), one door, on the world of the
/// simulation; all its checkers look on.
final class Porch {
    let world: World
    let door: RawPeer
    let anna: RawPeer
    let tablet: RawPeer
    let bert: RawPeer
    private var keys = 0

    init(boards: Int = 2, limits: Limits = Limits(), panels: Int = 1) {
        var options = WorldOptions()
        options.boards = boards
        options.limits = limits
        options.bytes = 2
        options.shape.building = BuildingShape(
            units: 1,
            residentsPerUnit: 2,
            devicesPerResident: 2,
            panels: panels,
            doorsPerPanel: 2
        )
        world = World(seed: 7, options: options)
        let devices = world.household.rows.devices.map(\.id)
        door = RawPeer(.panel(world.household.rows.panels[0].id), name: "door", in: world)
        anna = RawPeer(.device(devices[0]), name: "anna", in: world)
        tablet = RawPeer(.device(devices[1]), name: "tablet", in: world)
        bert = RawPeer(.device(devices[2]), name: "bert", in: world)
        world.witness.checkers = [
            RecordChecker(), SessionChecker(), EndChecker(), OutcomeChecker(), DoorChecker(),
            KeyChecker(), CallChecker(), RingChecker(), PushChecker(), MediaChecker(),
        ]
    }

    /// Boots, and connects the door to the first board, Anna and Bert to the last.
    func open() async {
        await world.boot()
        door.connect(to: 0)
        anna.connect(to: world.options.boards - 1)
        bert.connect(to: world.options.boards - 1)
        await pass(.seconds(1))
    }

    func pass(_ duration: Duration) async {
        await world.run(for: duration)
        if let breach = world.found { Issue.record("\(breach.text)") }
    }

    var unit: UnitID { world.household.rows.units[0].id }
    var doors: [DoorID] { world.household.rows.doors.map(\.id) }

    func key() -> String {
        keys += 1
        return "key-\(keys)"
    }

    /// The guest presses Anna's name; returns the request.
    @discardableResult
    func press(key: String? = nil) async -> String {
        let id = door.say(.callStart(unit: unit, key: key ?? self.key()))
        await pass(.milliseconds(200))
        return id
    }

    /// The call that the door has now.
    var call: CallID {
        for heard in door.heard.reversed() {
            if case .ok(_, let answer) = heard.message, let call = answer.call { return call }
        }
        return .nothing
    }

    func answers(_ peer: RawPeer) async -> String {
        let id = peer.say(.callAnswer(call))
        await pass(.milliseconds(200))
        return id
    }

    /// Rings, and Anna answers.
    func talk() async {
        await press()
        _ = await answers(anna)
    }

    /// The last state of the call that this peer was told.
    func state(of peer: RawPeer) -> VestibuleWire.CallState? {
        peer.events.compactMap { event in
            switch event {
            case .callState(let told): told.state
            case .panelCallState(let told): told.state
            case .callIncoming: .ringing
            default: nil
            }
        }.last
    }

    func outcome(of peer: RawPeer) -> Outcome? {
        peer.events.compactMap { event in
            switch event {
            case .callState(let told): told.outcome
            case .panelCallState(let told): told.outcome
            default: nil
            }
        }.last
    }

    /// The server dies and comes back a second later.
    func kill() async {
        world.kill(downtime: .seconds(1))
        await pass(.seconds(2))
    }

    func history() async -> [CallRecord] {
        (try? await world.store.calls(CallQuery())) ?? []
    }
}
