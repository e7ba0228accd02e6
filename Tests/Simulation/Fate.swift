// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleClient
import VestibuleNotifier
import VestibuleStorage
import VestibuleSwitchboard
import VestibuleTestKit

/// What can go wrong, by kind; each must have been drawn at least once in a long run.
enum Fault: String, CaseIterable {
    case linkReset, linkHalfOpenServer, linkHalfOpenClient, linkSilent, linkStall
    case linkCongestion, twoSockets, deviceFrozen, deviceAsleep, panelReboot, panelForgets
    case serverStall, storeSlow, storeLocked, storeFull, storeRefuses, mailSlow, kill, killMidway
    case gracefulRestart, clockJump, clockSet, residentDisabled, deviceRevoked, panelRevoked
    case credentialRevoked, pushLost, pushLate, pushRetried, pushPaused, pushFailed, pushRejected
    case pushSlow, pushOvertaken, pushRefused, keyRepeated, doorTapped
}

/// Draws faults until it is stopped; then mends everything.
final class Fate {
    private unowned let episode: Episode
    private var world: World { episode.world }
    private var isOver = false
    private var random: SeededGenerator
    private var mends: [Int: () -> Void] = [:]
    private var mendCount = 0

    init(_ episode: Episode) {
        self.episode = episode
        random = SeededGenerator(seed: episode.world.random.next())
    }

    func begin() {
        let score = episode.score
        let isCalm = episode.draw.faults == nil
        world.pushDelay = { random in
            let draw = isCalm ? 0 : random.draw(0...99)
            if draw < 85 { return random.draw(.milliseconds(100) ... .seconds(3)) }
            score.count(draw < 92 ? .pushLate : .pushLost)
            return draw < 92 ? random.draw(.seconds(3) ... .seconds(30)) : nil
        }
        if !isCalm { world.pushAnswer = { Self.answer(&$0, score) } }
        world.pushed = { [self] device, _ in wake(device) }
        next()
    }

    /// What a provider says to one try.
    private static func answer(_ random: inout SeededGenerator, _ score: Score) -> PushAnswer {
        let soon = random.draw(.milliseconds(5) ... .milliseconds(200))
        switch random.draw(0...99) {
        case 0..<70: return PushAnswer(after: soon)
        case 70..<80:
            score.count(.pushRetried)
            let after = random.percent(50) ? random.draw(.seconds(1) ... .seconds(8)) : nil
            return PushAnswer(.retry(after: after, reason: "503"), after: soon)
        case 80..<84:
            score.count(.pushPaused)
            let pause = random.draw(.milliseconds(200) ... .seconds(4))
            return PushAnswer(.pause(for: pause, reason: "429"), after: soon)
        case 84..<88:
            score.count(.pushFailed)
            return PushAnswer(.failed(reason: "400"), after: soon)
        case 88..<91:
            score.count(.pushRejected)
            return PushAnswer(.rejectedToken(reason: "410", since: nil), after: soon)
        default:
            score.count(.pushSlow)
            return PushAnswer(after: random.draw(.seconds(1) ... .seconds(14)))
        }
    }

    /// No more faults, and none of the old ones stays.
    func stop() {
        isOver = true
        for number in mends.keys.sorted() { mends[number]?() }
        mends = [:]
        world.store.hold()
        world.commitTime = episode.draw.options.commitTime
        world.mailDelay = episode.draw.options.mailDelay
        world.pushDelay = { _ in .milliseconds(300) }
        world.pushAnswer = { _ in PushAnswer() }
        for peer in world.peers {
            if let link = peer.link { world.heal(link) }
            peer.thaw()
            peer.start()
        }
    }

    private func next() {
        guard let mean = episode.draw.faults else { return }
        world.after(random.draw(mean * 0.2...mean * 1.8)) { [self] in
            guard !isOver else { return }
            strike()
            next()
        }
    }

    private func wake(_ device: DevicePeer) {
        device.thaw()
        device.start()
    }

    /// Mends something after a while, or when the faults stop.
    private func mend(after delay: Duration, _ body: @escaping () -> Void) {
        mendCount += 1
        let number = mendCount
        mends[number] = body
        world.after(delay) { [self] in mends.removeValue(forKey: number)?() }
    }

    private func strike() {
        switch random.draw(0...99) {
        case 0..<32: breakLink()
        case 32..<52: changePeer()
        case 52..<66: slowServer()
        case 66..<76: stopServer()
        case 76..<88: changeDirectory()
        default: tap()
        }
    }

    // MARK: Links and peers

    private func breakLink() {
        guard let link = random.pick(world.peers)?.link, let way = random.pick(Break.allCases)
        else { return }
        let kinds: [Break: Fault] = [
            .reset: .linkReset, .halfOpenServer: .linkHalfOpenServer,
            .halfOpenClient: .linkHalfOpenClient, .silent: .linkSilent, .stall: .linkStall,
            .congestion: .linkCongestion,
        ]
        if let fault = kinds[way] { episode.score.count(fault) }
        world.damage(link, way, for: random.draw(.milliseconds(200) ... .seconds(20)))
    }

    private func changePeer() {
        switch random.draw(0...4) {
        case 0:
            guard let device = random.pick(world.devices) else { return }
            episode.score.count(.deviceFrozen)
            device.freeze()
            mend(after: random.draw(.seconds(1) ... .seconds(40))) { device.thaw() }
        case 1:
            guard let device = random.pick(world.devices) else { return }
            episode.score.count(.deviceAsleep)
            device.stop()
            mend(after: random.draw(.seconds(5) ... .seconds(40))) { device.start() }
        case 2:
            guard let peer = random.pick(world.peers) else { return }
            episode.score.count(.twoSockets)
            world.duplicateSocket(of: peer, resuming: random.percent(70))
        case 3:
            guard let panel = random.pick(world.panels) else { return }
            episode.score.count(.panelReboot)
            panel.reboot(remembering: panel.resume)
        default:
            guard let panel = random.pick(world.panels) else { return }
            episode.score.count(.panelForgets)
            panel.reboot()
        }
    }

    /// A tap without a call.
    private func tap() {
        guard let device = random.pick(world.devices),
            let door = random.pick(world.household.rows.doors)
        else { return }
        episode.score.count(.doorTapped)
        device.order(.unlockDoor(door.id))
    }

    // MARK: The server

    private func slowServer() {
        switch random.draw(0...6) {
        case 0:
            episode.score.count(.serverStall)
            world.stallServer(for: random.draw(.milliseconds(100) ... .seconds(8)))
        case 1:
            episode.score.count(.storeSlow)
            world.commitTime = .milliseconds(50) ... .milliseconds(400)
            mend(after: random.draw(.seconds(1) ... .seconds(5))) { [self] in
                world.commitTime = episode.draw.options.commitTime
            }
        case 2:
            episode.score.count(.storeLocked)
            world.lockStore(.locked, for: random.draw(.milliseconds(200) ... .seconds(6)))
        case 3:
            episode.score.count(.storeFull)
            world.lockStore(.full, for: random.draw(.milliseconds(200) ... .seconds(6)))
        case 4:
            episode.score.count(.clockSet)
            setClock()
        case 5:
            episode.score.count(.storeRefuses)
            world.store.failNext(1)
        default:
            episode.score.count(.mailSlow)
            world.mailDelay = .milliseconds(1) ... .milliseconds(25)
            mend(after: random.draw(.seconds(1) ... .seconds(5))) { [self] in
                world.mailDelay = episode.draw.options.mailDelay
            }
        }
    }

    private func stopServer() {
        let downtime = random.draw(.milliseconds(200) ... .seconds(random.percent(80) ? 4 : 20))
        if random.percent(25) {
            episode.score.count(.clockJump)
            setClock()
        }
        if random.percent(30) {
            episode.score.count(.gracefulRestart)
            world.restartGracefully(downtime: downtime)
        } else {
            kill(.kill, downtime)
        }
    }

    /// Somebody sets the civil clock: by minutes mostly, by a year where a battery was dead.
    private func setClock() {
        let hour = 3_600_000
        let most = random.percent(80) ? hour : 366 * 24 * hour
        world.civil += Int64(random.draw(-most...most))
    }

    func kill(_ kind: Fault, _ downtime: Duration) {
        guard !isOver else { return }
        episode.score.count(kind)
        world.kill(downtime: downtime, keeping: random.draw(0...3))
    }

    // MARK: The directory

    private func changeDirectory() {
        let household = world.household
        let time = random.draw(.seconds(2) ... .seconds(15))
        switch random.draw(0...3) {
        case 0:
            guard let resident = random.pick(household.rows.residents)?.id else { return }
            change(.residentDisabled, for: time) { household.set(resident, enabled: !$0) }
        case 1:
            guard let device = random.pick(world.devices)?.id else { return }
            change(.deviceRevoked, for: time) { household.set(device, revoked: $0) }
        case 2:
            guard let panel = random.pick(world.panels)?.id else { return }
            change(.panelRevoked, for: time) { household.set(panel, revoked: $0) }
        default:
            guard let peer = random.pick(world.peers) else { return }
            change(.credentialRevoked, for: time) { household.set(peer.principal, revoked: $0) }
        }
    }

    private func change(
        _ fault: Fault,
        for time: Duration,
        _ body: @escaping (_ isBad: Bool) -> Void
    ) {
        episode.score.count(fault)
        body(true)
        world.publishDirectory()
        mend(after: time) { [self] in
            body(false)
            world.publishDirectory()
            world.after(.milliseconds(500)) { [self] in
                for peer in world.peers { peer.start() }
            }
        }
    }
}

/// Kills the server just after something was handed to the ledger, when most is under way.
final class Assassin: Checker {
    private unowned let episode: Episode
    private var isPlotting = false

    init(_ episode: Episode) { self.episode = episode }

    func appended(_ group: LedgerGroup, in world: World) {
        guard episode.draw.faults != nil, !isPlotting, !episode.isEnding,
            world.random.once(in: 400)
        else { return }
        isPlotting = true
        let delay = world.random.draw(.zero ... .milliseconds(12))
        world.after(delay) { [unowned world] in
            self.isPlotting = false
            let downtime = world.random.draw(.milliseconds(200) ... .seconds(3))
            self.episode.fate?.kill(.killMidway, downtime)
        }
    }
}
