// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// How a device is slow.
struct Slowness {
    let name: String

    /// What it reads in a second; nil: all that comes.
    var bytesPerSecond: Int?

    /// It reads nothing for so long, so often.
    var stall: (length: Duration, every: Duration)?

    /// Whether it reports, as clients of ours do.
    var reports = true

    /// How long it waits for an answer before it tries another connection: one that takes for ever
    /// to read it must not expect it soon.
    var patience: Duration?

    /// The kernel's receive buffer: a large one would hide 170 kB.
    static let receiveBuffer: Int32 = 4_096

    static let all = [
        Slowness(
            name: "trickle",
            bytesPerSecond: 1_000,
            reports: false,
            patience: .seconds(3_600)
        ),
        Slowness(name: "narrow", bytesPerSecond: 37_500),
        Slowness(name: "stalled", stall: (.seconds(3), .seconds(15))),
    ]
}

/// A call whose resident's device is slow, and whose panel sends as a client of ours does.
final class SlowCall {
    let slowness: Slowness
    let guest: AdaptiveEnd
    let host: AdaptiveEnd

    /// Of the sound that was sent to the device in the window while it read, how much came; nil
    /// where none was sent.
    var soundShare: Double? {
        soundsSent > 0 ? min(1, Double(host.figures.sounds) / Double(soundsSent)) : nil
    }

    /// Key frames that its panel was asked for while it was measured.
    private(set) var keyFrames = 0

    /// Frames that a connection may have under way when it is closed, both ways together: what the
    /// kernels hold, in frames of sound.
    static let framesOfAConnection = 600

    /// Connections that the device lost, where it may: it does not report, and takes none of the
    /// signalling for 10 s (4408).
    private(set) var lost = 0

    /// As its panel was told, and nil before.
    private(set) var outcome: Outcome??

    private let panel: EpollClient<PanelClient>
    private let resident: EpollClient<ResidentClient>
    private let unit: UnitID
    private let kit: MediaKit
    private var isPanelOpen = false
    private var isResidentOpen = false
    private var isLeaving = false
    private var isSlow = false
    private var soundsSent = 0
    private var isMeasured = false
    private var call: CallID?
    private var slot: Int32 = -1
    private var isStalled = false

    /// When it stalls next, or reads again.
    private var turn: Moment?

    init(
        _ index: Int,
        _ slowness: Slowness,
        panel: Building.Panel,
        unit: Building.Unit,
        device: Building.Device,
        at address: EpollAddress,
        ladder: Ladder,
        kit: MediaKit
    ) {
        let panel = EpollClient(
            PanelClient(settings: Pair.settings(panel.id), token: Secret(panel.token)),
            on: kit.loop,
            to: address
        )
        var settings = Pair.settings(device.id)
        if let patience = slowness.patience { settings.answer = patience }
        let resident = EpollClient(
            ResidentClient(settings: settings, token: Secret(device.token)),
            on: kit.loop,
            to: address,
            receive: Slowness.receiveBuffer
        )
        self.slowness = slowness
        self.panel = panel
        self.resident = resident
        self.unit = UnitID(lenient: unit.id)
        self.kit = kit
        guest = AdaptiveEnd(
            2 * index,
            kit: kit,
            ladder: ladder,
            hasRoom: { panel.hasRoom },
            send: { panel.send($0, $1) }
        )
        host = AdaptiveEnd(
            2 * index + 1,
            kit: kit,
            ladder: ladder,
            hasRoom: { resident.hasRoom },
            send: { resident.send($0, $1) }
        )
        guest.peer = host
        host.peer = guest
        host.doesReport = slowness.reports
        panel.onMedia = { [unowned guest] in guest.arrived($0) }
        resident.onMedia = { [unowned host] in host.arrived($0) }
        panel.onReport = { [unowned self] in told($0) }
        resident.onReport = { [unowned self] in told($0) }
        guest.onWish = { [unowned panel] handle in
            if let order = panel.machine.keyFrameOrder(handle: handle) { panel.order(order) }
        }
        host.onWish = { [unowned resident] handle in
            if let order = resident.machine.keyFrameOrder(handle: handle) { resident.order(order) }
        }
        slot = kit.loop.add(self)
    }

    // MARK: What the scenario wants

    func connect() {
        panel.start()
        resident.start()
    }

    var isConnected: Bool { isPanelOpen && isResidentOpen }
    func press() { panel.order(.press(unit)) }

    /// Both ends talk: the device is slow from now on.
    var isTalking: Bool { call != nil }

    /// From its beginning; another connection begins anew.
    func becomeSlow() {
        isSlow = true
        isStalled = false
        host.figures.stallIsCut()
        resident.socket?.read(bytesPerSecond: slowness.bytesPerSecond)
        guard let stall = slowness.stall else { return }
        arm(kit.loop.now + stall.every)
    }

    func open() {
        isMeasured = true
        soundsSent = isStalled ? 0 : -guest.audio.count
        host.figures.open(at: kit.loop.now)
    }

    func close() {
        if !isStalled { soundsSent += guest.audio.count }
        isMeasured = false
        host.figures.close(at: kit.loop.now)
        arm(nil)
    }

    /// Sends nothing more; what is under way is read at once.
    func fallSilent() {
        isSlow = false
        guest.end()
        host.end()
        resident.socket?.read(bytesPerSecond: nil)
    }

    func hangUp() { panel.order(.hangUp) }

    func disconnect() {
        isLeaving = true
        kit.loop.remove(timer: slot)
        kit.measures.check(panel.machine.counters, of: "panel of a slow call")
        kit.measures.check(resident.machine.counters, of: "slow device")
        panel.end()
        resident.end()
    }

    private func arm(_ moment: Moment?) {
        turn = moment
        kit.loop.arm(slot, at: moment)
    }
}

extension SlowCall: EpollTimer {
    /// A stall begins or ends.
    func due(at now: Moment, on loop: EpollLoop) {
        guard let stall = slowness.stall, let turn, turn <= now else { return }
        isStalled.toggle()
        resident.socket?.read(bytesPerSecond: isStalled ? 0 : nil)
        // Sound of a stall's time is left out in part: what is old is of no use.
        if isMeasured { soundsSent += isStalled ? guest.audio.count : -guest.audio.count }
        if isStalled {
            host.figures.stallBegins(at: now)
            arm(now + stall.length)
        } else {
            host.figures.stallEnds(at: now)
            arm(now + stall.every - stall.length)
        }
    }
}

// MARK: - What the clients tell

extension SlowCall {
    private func told(_ report: PanelEvent) {
        if let news = PanelClient.news(of: report) { guest.take(news) }
        switch report {
        case .connection(let status):
            note(status, of: "panel", wasOpen: isPanelOpen, isAllowed: false)
            isPanelOpen = status == .open
        case .keyFrameWanted: if isMeasured { keyFrames += 1 }
        case .screen(.ended(_, .outcome(let outcome))): self.outcome = .some(outcome)
        case .screen(.ended(_, .failed(let failure))):
            outcome = .some(nil)
            kit.measures.fault(.failedCall, "slow: \(Pair.words(failure))")
        default: break
        }
    }

    private func told(_ report: ResidentEvent) {
        if let news = ResidentClient.news(of: report) { host.take(news) }
        switch report {
        case .connection(let status):
            note(status, of: "device", wasOpen: isResidentOpen, isAllowed: !slowness.reports)
            isResidentOpen = status == .open
            if status == .open, isSlow { becomeSlow() }
        case .incoming(let call): resident.order(.answer(call.call, tag: 1))
        case .answered(1, .success): call = resident.machine.calls.last?.call
        default: break
        }
    }

    private func note(
        _ status: ConnectionStatus,
        of who: String,
        wasOpen: Bool,
        isAllowed: Bool
    ) {
        guard wasOpen, status != .open, !isLeaving else { return }
        guard isAllowed else {
            return kit.measures.fault(.lostConnection, "\(slowness.name)'s \(who): \(status)")
        }
        lost += 1
        guest.connectionLost()
        host.connectionLost()
    }
}
