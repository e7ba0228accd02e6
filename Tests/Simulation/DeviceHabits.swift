// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleClient
import VestibuleTestKit
import VestibuleWire

/// What a resident does on one device; drawn.
final class DeviceHabits {
    private unowned let device: DevicePeer
    private unowned let episode: Episode
    private var world: World { episode.world }
    private let camera: Camera
    private var random: SeededGenerator
    private var talks: Set<CallID> = []

    init(_ device: DevicePeer, _ episode: Episode) {
        self.device = device
        self.episode = episode
        random = SeededGenerator(seed: episode.world.random.next())
        camera = Camera(device, episode.world)
    }

    func begin() { device.hears = { [self] in hears($0) } }

    private func hears(_ event: ResidentEvent) {
        switch event {
        case .incoming(let call): rings(call)
        case .changed(let call):
            if call.isMine, talks.insert(call.call).inserted { talk(in: call) }
            if call.state == .ended, random.once(in: 25) { meddle(call) }
        case .media(let right): camera.may(right)
        case .keyFrameWanted: camera.sendKeyFrame()
        default: break
        }
    }

    private func later(_ range: ClosedRange<Duration>, _ order: ResidentOrder) {
        world.after(random.draw(range)) { [self] in device.order(order) }
    }

    private func rings(_ call: ResidentCall) {
        let id = call.call
        if let race = episode.race(of: id) {
            return world.after(max(.zero, race - world.now)) { [self] in
                device.order(.answer(id))
            }
        }
        let soon = Duration.milliseconds(50) ... .seconds(7)
        switch random.draw(0...99) {
        case 0..<25: later(soon, .answer(id))
        case 25..<33: later(soon, .decline(id))
        case 33..<43: later(soon, .ignore(id))
        case 43..<53:
            later(.milliseconds(50) ... .seconds(2), .preview(id))
            if random.percent(50) { later(.seconds(2) ... .seconds(7), .answer(id)) }
        case 53..<63:
            unlock(call, within: soon)
            if random.percent(30) { later(soon, .answer(id)) }
        case 63..<66: later(soon, .hangUp(id))
        default: break
        }
    }

    private func unlock(_ call: ResidentCall, within range: ClosedRange<Duration>) {
        let door = random.percent(60) ? nil : random.pick(world.household.rows.doors)?.id
        later(range, .unlock(call.call, door: door))
    }

    private func talk(in call: ResidentCall) {
        for _ in 0..<random.draw(0...3) where random.percent(60) {
            unlock(call, within: .milliseconds(100) ... .seconds(8))
        }
        if random.once(in: 10) { later(.zero ... .seconds(3), .wantKeyFrame(call.call)) }
        if random.once(in: 10) {
            let activity = MediaActivity(audio: false, video: true)
            later(.zero ... .seconds(3), .sending(call.call, activity))
        }
        let length = Duration.milliseconds(300) ... .seconds(10)
        if random.percent(45) {
            later(length, random.percent(80) ? .hangUp(call.call) : .decline(call.call))
        }
    }

    /// Presses what makes no sense any longer.
    private func meddle(_ call: ResidentCall) {
        let id = call.call
        let orders: [ResidentOrder] = [
            .answer(id), .decline(id), .ignore(id), .preview(id), .unlock(id), .hangUp(id),
        ]
        if let order = random.pick(orders) { later(.zero ... .seconds(3), order) }
    }
}

/// Says again what has a key, under another id or the same one, on whatever socket there is.
final class Repeater: Checker {
    private unowned let episode: Episode
    private var count = 0

    init(_ episode: Episode) { self.episode = episode }

    func asked(_ message: ClientMessage, on link: Link, in world: World) {
        switch message.request {
        case .callStart, .callUnlock, .doorUnlock: break
        default: return
        }
        guard !message.id.hasPrefix("again"), !episode.isEnding, world.random.percent(12) else {
            return
        }
        count += 1
        let isSame = world.random.once(in: 4)
        let again = ClientMessage(
            id: isSame ? message.id : "again-\(count)",
            request: message.request
        )
        let delay =
            world.random.percent(60)
            ? world.random.draw(.zero ... .milliseconds(300))
            : world.random.draw(.seconds(1) ... .seconds(40))
        let peer = link.peer
        world.after(delay) { [unowned world] in
            guard let link = peer.link, !self.episode.isEnding else { return }
            self.episode.score.count(.keyRepeated)
            world.send(again, from: link)
        }
    }
}
