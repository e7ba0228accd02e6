// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleTestKit
import VestibuleWire

/// Two loops are two boards and a mailbox: everything works across them.
@Suite struct LoopsTests {
    @Test func `a call goes across two loops, from button to history`() async {
        let porch = Porch()
        await porch.open()
        await porch.press()
        #expect(porch.state(of: porch.anna) == .ringing)
        #expect(porch.state(of: porch.bert) == .ringing)
        let answered = await porch.answers(porch.anna)
        #expect(porch.anna.answer(to: answered)?.handle != nil)
        #expect(porch.state(of: porch.door) == .active)
        #expect(porch.state(of: porch.bert) == .active)
        porch.door.say(.callHangup(porch.call))
        await porch.pass(.milliseconds(200))
        #expect(porch.outcome(of: porch.door) == .completed)
        #expect(porch.outcome(of: porch.anna) == .completed)
        #expect(porch.outcome(of: porch.bert) == .completed)
        let history = await porch.history()
        #expect(history.count == 1)
        #expect(history.first?.outcome == .completed)
    }

    @Test func `media flows both ways across two loops`() async {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        let media = porch.world.witness.checkers.compactMap { $0 as? MediaChecker }.first
        #expect(porch.send(.audio, from: porch.door))
        #expect(porch.send(.audio, from: porch.anna))
        await porch.pass(.milliseconds(200))
        #expect(media?.received == 2)
    }

    @Test func `a session resumes on the other loop, with what it missed`() async throws {
        let porch = Porch()
        await porch.open()
        await porch.press()
        let point = try #require(porch.anna.point)
        porch.anna.hangUpSocket()
        await porch.pass(.milliseconds(100))
        _ = await porch.answers(porch.bert)
        porch.anna.connect(to: 0, resuming: point)
        await porch.pass(.milliseconds(300))
        let welcome = try #require(porch.anna.welcome)
        #expect(welcome.resumed)
        #expect(welcome.session == point.session)
        #expect(welcome.calls.first?.state == .active)
        #expect(porch.state(of: porch.anna) == .active)
    }

    @Test func `the talking device comes back on the other loop and the call goes on`() async throws
    {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        let point = try #require(porch.anna.point)
        porch.anna.hangUpSocket()
        await porch.pass(.milliseconds(100))
        porch.anna.connect(to: 0, resuming: point)
        await porch.pass(.milliseconds(300))
        #expect(porch.anna.welcome?.calls.first?.mine == true)
        #expect(porch.send(.audio, from: porch.anna))
        await porch.pass(.milliseconds(100))
        let media = porch.world.witness.checkers.compactMap { $0 as? MediaChecker }.first
        #expect(media?.received == 1)
        #expect(
            porch.door.events.suffix(3).contains {
                if case .callPeer(_, true, _) = $0 { true } else { false }
            }
        )
    }

    @Test(arguments: [false, true])
    func `who comes back hears that the other is still gone, then that it is back`(
        afterRestart: Bool
    ) async throws {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        let points = (try #require(porch.door.point), try #require(porch.anna.point))
        if afterRestart {
            await porch.kill()
        } else {
            porch.door.hangUpSocket()
            porch.anna.hangUpSocket()
            await porch.pass(.milliseconds(100))
        }
        porch.anna.connect(to: 0, resuming: points.1)
        await porch.pass(.milliseconds(300))
        #expect(porch.anna.presences.last == false)
        porch.door.connect(to: 1, resuming: points.0)
        await porch.pass(.milliseconds(300))
        #expect(porch.anna.presences.last == true)
        #expect(porch.door.presences.last != false)
    }

    @Test func `a newer socket on the other loop replaces the older one`() async {
        let porch = Porch()
        await porch.open()
        let older = porch.anna.socket
        porch.anna.connect(to: 0)
        await porch.pass(.milliseconds(300))
        #expect(porch.anna.closeCode(of: older) == 4409)
        #expect(porch.anna.welcome != nil)
        await porch.press()
        #expect(porch.state(of: porch.anna) == .ringing)
    }

    @Test(arguments: [(0, 1), (1, 0), (0, 0), (1, 1)])
    func `of two sockets opened at once one is left`(boards: (Int, Int)) async {
        let porch = Porch()
        await porch.open()
        porch.tablet.saysHello = true
        porch.tablet.connect(to: boards.0)
        let first = porch.tablet.socket
        let twin = RawPeer(porch.tablet.principal, name: "twin", in: porch.world)
        twin.connect(to: boards.1)
        await porch.pass(.seconds(1))
        let codes = [porch.tablet.closeCode(of: first), twin.closeCode()]
        #expect(codes.filter { $0 == 4409 }.count == 1)
        let left = codes[0] == 4409 ? twin : porch.tablet
        #expect(left.welcome != nil)
        await porch.press()
        #expect(porch.state(of: left) == .ringing)
    }
}

extension RawPeer {
    /// What it was told of the other party's presence on its newest socket.
    fileprivate var presences: [Bool] {
        events.compactMap { if case .callPeer(_, let present, _) = $0 { present } else { nil } }
    }
}

extension Porch {
    /// Sends one frame in the call; false where it has no handle yet.
    func send(_ kind: MediaKind, from peer: RawPeer) -> Bool {
        guard let link = peer.link,
            let handle = door.heard.compactMap({ heard -> UInt32? in
                if case .ok(_, let answer) = heard.message { answer.handle } else { nil }
            }).last
        else { return false }
        let header = MediaHeader(kind: kind, sequence: 1, handle: handle, timestamp: 1)
        world.send(frame: header.frame([0x78, 1, 2, 255]), from: link)
        return true
    }
}
