// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCallCore
import VestibuleClient
import VestibuleStorage
import VestibuleSwitchboard
import VestibuleTestKit
import VestibuleWire

/// One world from its first boot to its rest: people, fate, checkers, recovery.
final class Episode {
    let world: World
    let draw: WorldDraw
    let score: Score
    private(set) var fate: Fate?

    /// How many presses are still to come.
    var presses: Int

    /// Everybody goes home: nobody begins anything.
    private(set) var isEnding = false

    /// What a whole household does at one instant.
    private var races: [CallID: Moment] = [:]
    private let record = RecordChecker()
    private let keys = KeyChecker()
    private let media = MediaChecker()

    init(seed: UInt64, plant: Plant?, score: Score) {
        draw = WorldDraw(seed: seed)
        presses = draw.calls
        self.score = score
        world = World(seed: seed, options: draw.options)
        world.witness.checkers = [
            record, SessionChecker(), EndChecker(), OutcomeChecker(), DoorChecker(), keys,
            CallChecker(), RingChecker(), PushChecker(), media, Tally(score),
        ]
        plant?.prepare(world)
    }

    func play() async {
        let fate = Fate(self)
        self.fate = fate
        for panel in world.panels { PanelHabits(panel, self).begin() }
        for device in world.devices { DeviceHabits(device, self).begin() }
        world.witness.checkers += [Repeater(self), Assassin(self)]
        await world.boot()
        fate.begin()
        for peer in world.peers {
            world.after(world.random.draw(.zero ... .seconds(2))) { peer.start() }
        }
        let end = world.now + .seconds(1800)
        while world.found == nil, presses > 0, world.now < end { await world.run(for: .seconds(1)) }
        await world.run(for: .seconds(3))
        await rest()
        if world.found == nil { await judge() }
        score.take(world, record: record, keys: keys, media: media)
        world.end()
        self.fate = nil
    }

    /// The faults stop, people come to an end; time runs.
    private func rest() async {
        isEnding = true
        fate?.stop()
        world.trace { "the faults stop" }
        // Who heard late of a lost credential is started once more.
        for _ in 0..<4 {
            await world.run(for: .seconds(5))
            for peer in world.peers { peer.start() }
        }
        await world.run(for: .seconds(5))
        for panel in world.panels { panel.order(.hangUp) }
        await world.run(for: .seconds(60))
    }

    /// What must be true at rest.
    private func judge() async {
        if world.isDown { world.breach("the server is still down") }
        if world.exchange.liveCalls > 0 {
            let call = world.witness.record.calls.first { $0.value.outcome == nil }?.key
            world.breach("\(world.exchange.liveCalls) calls live on", call: call)
        }
        for peer in world.peers where peer.openSocket == nil {
            world.breach("\(peer.name) did not come back: \(peer.status)")
        }
        for device in world.devices {
            if let call = device.machine.calls.first(where: { $0.isRinging || $0.isMine }) {
                world.breach("\(device.name) is still in a call: \(call)", call: call.call)
            }
        }
        for panel in world.panels {
            switch panel.machine.screen {
            case .idle, .ended: break
            default: world.breach("\(panel.name) is not idle: \(panel.machine.screen)")
            }
        }
        var query = CallQuery()
        query.limit = .max
        let long = RestoreSpan(
            tombstonesSince: Timestamp(milliseconds: 0),
            keysSince: Timestamp(milliseconds: 0)
        )
        guard let calls = try? await world.store.calls(query),
            let restored = try? await world.store.restore(long)
        else { return world.breach("the store cannot be read") }
        world.witness.finish(Final(calls: calls, restored: restored))
    }

    /// When everybody answers this call, where they agreed to; drawn when the first one rings.
    func race(of call: CallID) -> Moment? {
        if let known = races[call] { return known.nanoseconds == 0 ? nil : known }
        let agreed =
            world.random.percent(15)
            ? world.now + world.random.draw(.milliseconds(300) ... .seconds(4))
            : Moment(nanoseconds: 0)
        races[call] = agreed
        return agreed.nanoseconds == 0 ? nil : agreed
    }
}

/// The options of a world, drawn.
struct WorldDraw {
    var options = WorldOptions()
    var calls = 0

    /// The mean time between two faults; nil in a quiet world.
    var faults: Duration?

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed ^ 0x5EED)
        options.boards = random.percent(60) ? 2 : random.draw(1...3)
        options.shape.isOdd = true
        options.shape.building = BuildingShape(
            units: random.draw(1...3),
            residentsPerUnit: random.draw(1...3),
            devicesPerResident: random.draw(1...2),
            panels: random.draw(1...3),
            doorsPerPanel: random.draw(1...2)
        )
        options.panelDrift = 200
        options.delay = .milliseconds(2) ... .milliseconds(random.draw(10...80))
        options.jitter = .zero ... .milliseconds(random.draw(0...30))
        options.mailDelay = .microseconds(5) ... .microseconds(random.draw(20...400))
        options.commitTime = .microseconds(100) ... .milliseconds(5)
        options.connectFailures = 2
        options.limits = Self.limits(&random)
        calls = random.draw(20...60)
        faults = random.percent(10) ? nil : random.draw(.seconds(1) ... .seconds(15))
    }

    private static func limits(_ random: inout SeededGenerator) -> Limits {
        var limits = Limits()
        limits.call.grace = random.draw(.seconds(2) ... .seconds(15))
        limits.call.group = random.draw(.seconds(2) ... .seconds(8))
        if random.percent(40) {
            limits.call.duration = random.draw(.seconds(6) ... .seconds(30))
            limits.call.warning = .seconds(3)
        }
        if random.percent(5) { limits.session.events = 8 }
        if random.percent(3) { limits.ledger.backlog = random.draw(8...60) }
        limits.push.inFlight = random.draw(16...64)
        limits.push.laneInFlight = random.draw(4...16)
        if random.percent(15) {
            limits.push.inbox = random.draw(3...20)
            limits.push.laterInbox = 2
        }
        if random.percent(10) { limits.session.tombstone = .seconds(5) }
        return limits
    }

    var description: String {
        "boards \(options.boards), \(options.shape.building), faults every \(faults as Any), "
            + "grace \(options.limits.call.grace), group \(options.limits.call.group), "
            + "duration \(options.limits.call.duration), backlog \(options.limits.ledger.backlog)"
    }
}
