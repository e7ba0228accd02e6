// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleSwitchboard
import VestibuleWire

/// Senders and receivers on different loops, and those that come back.
@Suite struct RelayBoardsTests {
    @Test func `frames cross to another board in order`() {
        var call = RelayCall.answered(residentOn: 1)
        for _ in 0..<20 {
            call.world.send(call.camera.audio(), from: call.panel)
            call.world.send(call.camera.inter(), from: call.panel)
            call.world.send(call.phone.audio(), from: call.resident)
        }
        #expect(call.resident.headers(.audio).map(\.sequence) == Array(0..<20))
        #expect(call.resident.headers(.video).map(\.sequence) == Array(0...20))
        #expect(call.panel.headers(.audio).map(\.sequence) == Array(0..<20))
    }

    @Test(arguments: [0, 1])
    func `frames for another board are counted, those for the own one are not`(_ board: Int) {
        var call = RelayCall.answered(residentOn: board)
        let before = call.world.relays[0].framesAcross
        for _ in 0..<20 { call.world.send(call.camera.audio(), from: call.panel) }
        #expect(call.world.relays[0].framesAcross - before == (board == 0 ? 0 : 20))
    }

    @Test func `a receiver on another board asks its sender for a key frame`() {
        let call = RelayCall(residentOn: 1)
        #expect(call.world.keyFramesAsked(of: "panel").isEmpty)
        call.answer()
        #expect(call.world.keyFramesAsked(of: "panel").count == 1)
        #expect(call.world.keyFramesAsked(of: "resident").count == 1)
    }

    @Test func `a slow receiver on another board tells its sender the rate`() {
        var call = RelayCall.answered(residentOn: 1)
        call.resident.bytesPerSecond = 20_000
        call.world.pass(3000) { millisecond in
            guard millisecond % 66 == 0 else { return }
            call.world.send(call.camera.inter(), from: call.panel)
        }
        #expect(!call.world.rates(of: "panel").isEmpty)
        #expect(call.world.rates(of: "resident").isEmpty)
    }

    @Test func `frames lost between boards are counted and end the picture until a key frame`() {
        var call = RelayCall.answered(residentOn: 1)
        call.world.forgetWhatWasSaid()
        call.world.mailIsFull = true
        call.world.send(call.camera.inter(), from: call.panel)
        call.world.send(call.camera.audio(), from: call.panel)
        call.world.mailIsFull = false
        call.world.pass(600)
        #expect(call.outlet?.counts.dropped(.video, .betweenBoards) == 1)
        #expect(call.outlet?.counts.dropped(.audio, .betweenBoards) == 1)
        #expect(call.world.keyFramesAsked(of: "panel").count == 1)
        call.world.send(call.camera.inter(), from: call.panel)
        call.world.send(call.camera.key(), from: call.panel)
        call.world.send(call.camera.audio(), from: call.panel)
        #expect(call.resident.headers(.video).map(\.sequence) == [0, 3])
        #expect(call.resident.headers(.video).last?.flags == [.key, .dropped])
        #expect(call.resident.headers(.audio).map(\.flags) == [.dropped])
    }

    @Test func `frames that were too long under way between boards are dropped`() {
        var call = RelayCall.answered(residentOn: 1)
        call.world.isMailLate = true
        call.world.send(call.camera.audio(), from: call.panel)
        call.world.pass(201)
        call.world.send(call.camera.audio(), from: call.panel)
        call.world.isMailLate = false
        call.world.settle()
        #expect(call.resident.headers(.audio).map(\.sequence) == [1])
        #expect(call.resident.headers(.audio).map(\.flags) == [.dropped])
        #expect(call.outlet?.counts.dropped(.audio, .expired) == 1)
    }

    @Test(arguments: [0, 1])
    func `a receiver that comes back sees a key frame first`(board: Int) {
        var call = RelayCall.answered()
        call.world.send(call.camera.inter(), from: call.panel)
        call.resident.relay.lineGone(call.resident)
        call.world.forgetWhatWasSaid()
        call.world.pass(1000)
        let back = call.world.line("back", on: board)
        back.relay.openOutlet(
            RelayCall.residentPort,
            to: back,
            from: call.panelPlace,
            at: call.world.now
        )
        call.route?.connect(
            to: RelayPlace(board: BoardIndex(board), party: 1),
            at: call.world.now
        )
        call.world.settle()
        #expect(call.world.keyFramesAsked(of: "panel").count == 1)
        call.world.send(call.camera.inter(), from: call.panel)
        call.world.send(call.camera.audio(), from: call.panel)
        call.world.send(call.camera.key(), from: call.panel)
        call.world.send(call.camera.inter(), from: call.panel)
        #expect(back.headers(.video).map(\.sequence) == [3, 4])
        #expect(back.headers(.audio).count == 1)
        #expect(call.resident.headers(.video).count == 2)
    }

    @Test func `a sender that comes back is asked for a key frame before anything passes`() {
        var call = RelayCall.answered()
        call.world.pass(1000)
        call.panel.relay.lineGone(call.panel)
        let back = call.world.line("panel again")
        let route = back.relay.openRoute(RelayCall.panelPort, from: back, stage: .active)
        back.relay.openOutlet(
            RelayCall.panelPort,
            to: back,
            from: call.residentPlace,
            at: call.world.now
        )
        route.connect(to: call.residentPlace, at: call.world.now)
        call.world.settle()
        #expect(call.world.keyFramesAsked(of: "panel again").count == 1)
        call.world.send(call.camera.inter(), from: back)
        call.world.send(call.camera.key(), from: back)
        #expect(call.resident.headers(.video).map(\.sequence) == [0, 2])
    }

    @Test func `mail for somebody who left is counted`() {
        var call = RelayCall.answered(residentOn: 1)
        call.resident.relay.lineGone(call.resident)
        call.world.send(call.camera.audio(), from: call.panel)
        #expect(call.resident.relay.delivered.dropped(.audio, .nobody) == 1)
    }

    @Test func `a line that goes away takes nothing with it`() {
        let world = RelayWorld()
        var call = RelayCall.answered(world)
        weak var gone: Outlet?
        autoreleasing {
            let line = Line(relay: world.relays[0], at: world.now)
            gone = world.relays[0].openOutlet(
                RelayPort(handle: 77, party: 9),
                to: line,
                from: call.panelPlace,
                at: world.now
            )
            _ = call.route?.addPreview(
                RelayPlace(board: BoardIndex(0), party: 9),
                at: world.now
            )
        }
        #expect(world.send(call.camera.key(), from: call.panel) == .passed)
        #expect(gone?.counts.dropped(.video, .ended) == 1)
    }

    private func autoreleasing(_ body: () -> Void) { body() }
}
