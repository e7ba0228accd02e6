// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleClient
import VestibuleTestKit
import VestibuleWire

/// What guests do at a panel, and what its relay does; drawn.
final class PanelHabits {
    private unowned let panel: PanelPeer
    private unowned let episode: Episode
    private var world: World { episode.world }
    private let camera: Camera
    private var random: SeededGenerator
    private var turn = 0

    init(_ panel: PanelPeer, _ episode: Episode) {
        self.panel = panel
        self.episode = episode
        random = SeededGenerator(seed: episode.world.random.next())
        camera = Camera(panel, episode.world)
    }

    func begin() {
        panel.hears = { [self] in hears($0) }
        comeSoon()
    }

    /// The next guest.
    private func comeSoon() {
        turn += 1
        let mine = turn
        world.after(random.draw(.milliseconds(200) ... .seconds(4))) { [self] in
            guard mine == turn, !episode.isEnding, episode.presses > 0 else { return }
            switch panel.machine.screen {
            case .idle, .ended: press()
            default: break
            }
            comeAgain()
        }
    }

    private func comeAgain() {
        let mine = turn
        world.after(.seconds(5)) { [self] in
            guard mine == turn else { return }
            switch panel.machine.screen {
            case .idle, .ended: comeSoon()
            default: comeAgain()
            }
        }
    }

    private func press() {
        guard panel.openSocket != nil, let unit = random.pick(world.household.rows.units) else {
            return
        }
        episode.presses -= 1
        panel.order(.press(unit.id))
        if random.once(in: 20) {
            let delay = random.draw(.zero ... .milliseconds(150))
            world.after(delay) { [self] in panel.order(.hangUp) }
        }
        if random.once(in: 30) { panel.order(.loadDirectory) }
    }

    private func hears(_ event: PanelEvent) {
        switch event {
        case .screen(let screen): shows(screen)
        case .media(let right): camera.may(right)
        case .keyFrameWanted: camera.sendKeyFrame()
        case .openDoor(let command, let door, _): open(command, door)
        default: break
        }
    }

    private func shows(_ screen: PanelScreen) {
        switch screen {
        case .ringing(let call, _) where random.percent(18):
            let patience = random.draw(.milliseconds(50) ... .seconds(9))
            world.after(patience) { [self] in leave(call) }
        case .active(let call, _, _) where random.percent(45):
            let talk = random.draw(.milliseconds(500) ... .seconds(10))
            world.after(talk) { [self] in leave(call) }
        case .ended: comeSoon()
        default: break
        }
    }

    private func leave(_ call: CallID) {
        switch panel.machine.screen {
        case .ringing(call, _), .active(call, _, _): panel.order(.hangUp)
        default: break
        }
    }

    private func open(_ command: CommandID, _ door: DoorID) {
        world.witness.acted(panel, command: command, door: door)
        let way = random.draw(0...99)
        guard way < 95 else { return }  // Its relay's answer is lost inside the panel.
        let outcome: DoorOutcome = way < 80 ? .opened : .failed
        let delay =
            way < 88
            ? random.draw(.milliseconds(5) ... .milliseconds(400))
            : random.draw(.seconds(6) ... .seconds(20))
        world.after(delay) { [self] in panel.order(.doorDid(command, outcome, detail: nil)) }
    }
}

/// Sends a few frames whenever something may be sent.
final class Camera {
    private unowned let peer: Peer
    private unowned let world: World
    private let number: UInt8
    private var right: MediaRight?
    private var sequence: UInt16 = 0

    init(_ peer: Peer, _ world: World) {
        self.peer = peer
        self.world = world
        number = UInt8(world.peers.firstIndex { $0 === peer } ?? 255)
    }

    func may(_ right: MediaRight?) {
        self.right = right
        guard right != nil else { return }
        sendKeyFrame()
        for step in 1...4 {
            world.after(.milliseconds(step * 120)) { [self] in sendSome() }
        }
    }

    func sendKeyFrame() {
        send(.video, .key, [0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01])
    }

    private func sendSome() {
        send(.video, [], [0x11, 0, 0])
        if right?.audio == true { send(.audio, [], [0x78, 1, 2, 3]) }
    }

    private func send(_ kind: MediaKind, _ flags: MediaFlags, _ payload: [UInt8]) {
        guard let right, let link = peer.link, peer.isAwake else { return }
        sequence &+= 1
        let header = MediaHeader(
            kind: kind,
            flags: flags,
            sequence: sequence,
            handle: right.handle,
            timestamp: UInt32(truncatingIfNeeded: world.now.nanoseconds / 11_111) | 1
        )
        world.send(frame: header.frame(payload + [number]), from: link)
    }
}
