// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// A panel and the one device of the unit that it rings: one call of the load.
///
/// Both are the product's own client machines; what a person would do comes from the scenario.
final class Pair {
    /// How far the call is.
    enum Stage: Equatable {
        case idle
        case pressed(due: Moment)
        case ringing(CallID)
        case answered(CallID)

        /// As its panel was told.
        case over(Outcome?)
        case failed
    }

    private(set) var stage = Stage.idle
    let guest: Party
    let host: Party

    private let unit: UnitID
    private let panel: EpollClient<PanelClient>
    private let resident: EpollClient<ResidentClient>
    private let measures: Measures
    private(set) var isPanelOpen = false
    private(set) var isResidentOpen = false
    private var isLeaving = false

    /// How its call ended, as the resident's device was told; nil before.
    private var residentEnding: Outcome?
    private var hasRung = false
    private var answerDue: Moment?
    private var unlockDue: Moment?
    private var mayGuestSpeak = false
    private var mayHostSpeak = false

    /// Whether ``Measures/talking`` has this pair in it.
    private var isCounted = false

    private enum Tag {
        static let answer = 1
        static let unlock = 2
    }

    /// The `index`-th pair of the run, not connected yet.
    init(
        _ index: Int,
        panel: Building.Panel,
        unit: Building.Unit,
        device: Building.Device,
        at address: EpollAddress,
        kit: MediaKit
    ) {
        let panel = EpollClient(
            PanelClient(settings: Self.settings(panel.id), token: Secret(panel.token)),
            on: kit.loop,
            to: address
        )
        let resident = EpollClient(
            ResidentClient(settings: Self.settings(device.id), token: Secret(device.token)),
            on: kit.loop,
            to: address
        )
        self.panel = panel
        self.resident = resident
        self.unit = UnitID(lenient: unit.id)
        measures = kit.measures
        guest = Party(2 * index, kit: kit) { panel.send($0, $1) }
        host = Party(2 * index + 1, kit: kit) { resident.send($0, $1) }
        guest.peer = host
        host.peer = guest
        panel.onMedia = { [unowned guest] in guest.arrived($0) }
        resident.onMedia = { [unowned host] in host.arrived($0) }
        panel.onFlushed = { [unowned guest] in guest.left() }
        resident.onFlushed = { [unowned host] in host.left() }
        panel.onReport = { [unowned self] in told($0) }
        resident.onReport = { [unowned self] in told($0) }
    }

    static func settings(_ id: String) -> LineSettings {
        let media = MediaAbilities(
            maxWidth: 640,
            maxHeight: 480,
            fps: 15,
            screen: true,
            microphone: true
        )
        return LineSettings(
            device: HelloDevice(id: id, model: "load", version: vestibuleVersion, media: media)
        )
    }

    // MARK: What the scenario wants

    func connect() {
        panel.start()
        resident.start()
    }

    func connectPanel() { panel.start() }
    func connectResident() { resident.start() }

    /// Connects the resident's device again: to another loop, if chance will have it.
    func reconnectResident() {
        isLeaving = true
        resident.stop()
        isLeaving = false
        resident.start()
    }

    var isConnected: Bool { isPanelOpen && isResidentOpen }

    /// Both may send.
    var isTalking: Bool { mayGuestSpeak && mayHostSpeak }

    var isOver: Bool {
        switch stage {
        case .over, .failed: true
        case .idle, .pressed, .ringing, .answered: false
        }
    }

    /// The resident's device knows that the call is over, where it was part of it.
    var doesResidentKnow: Bool { residentEnding != nil || !hasRung }

    func press(due: Moment) {
        stage = .pressed(due: due)
        panel.order(.press(unit))
    }

    /// Answers, or will as soon as it rings.
    func answer(due: Moment) {
        answerDue = due
        answerIfRinging()
    }

    func unlock(due: Moment) {
        guard case .answered(let call) = stage else { return }
        unlockDue = due
        resident.order(.unlock(call, tag: Tag.unlock))
    }

    /// Sends nothing more in either direction.
    func fallSilent() {
        guest.end()
        host.end()
    }

    /// Ends the call from one side or the other.
    func hangUp(byResident: Bool) {
        guard case .answered(let call) = stage else { return }
        if byResident { resident.order(.hangUp(call)) } else { panel.order(.hangUp) }
    }

    func disconnect() {
        isLeaving = true
        if !doesResidentKnow { measures.fault(.wrongOutcome, "a resident was told of no end") }
        measures.check(panel.machine.counters, of: "panel")
        measures.check(resident.machine.counters, of: "resident")
        panel.end()
        resident.end()
    }

    private func answerIfRinging() {
        guard case .ringing(let call) = stage, answerDue != nil else { return }
        resident.order(.answer(call, tag: Tag.answer))
        host.onFirstPicture = { [unowned self] now in
            host.onFirstPicture = nil
            if let answerDue { measures.answer.record(from: answerDue, to: now) }
        }
    }
}

// MARK: What the clients tell

extension Pair {
    private func told(_ report: PanelEvent) {
        switch report {
        case .connection(let status):
            note(status, of: "panel", wasOpen: isPanelOpen)
            isPanelOpen = status == .open
        case .screen(.ended(_, let ending)): ended(ending)
        case .media(let right):
            guest.allowed(right)
            mayGuestSpeak = right?.audio == true
            countTalking()
        case .openDoor(let command, _, _):
            if let unlockDue { measures.door.record(from: unlockDue, to: EpollLoop.clock()) }
            panel.order(.doorDid(command, .opened, detail: nil))
        case .keyFrameWanted:
            measures.keyFrameRequests += 1
            guest.keyFrameWanted()
        case .rate: measures.rateHints += 1
        case .screen, .peer, .ending, .peerMedia, .directory, .panel, .passOpened, .passRefused,
            .answered, .tokenExpiring, .tokenRenewed, .tokenNotRenewed, .log:
            break
        }
    }

    private func told(_ report: ResidentEvent) {
        switch report {
        case .connection(let status):
            note(status, of: "resident", wasOpen: isResidentOpen)
            isResidentOpen = status == .open
        case .incoming(let call): rang(call.call)
        case .media(let right):
            host.allowed(right)
            mayHostSpeak = right?.audio == true
            countTalking()
        case .keyFrameWanted:
            measures.keyFrameRequests += 1
            host.keyFrameWanted()
        case .rate: measures.rateHints += 1
        case .answered(Tag.answer, let result): answered(result)
        case .answered(Tag.unlock, let result): unlocked(result)
        case .changed(let call) where call.state == .ended: ended(call)
        case .changed, .peer, .ending, .peerMedia, .doorOpened, .doorsChanged, .passUsed,
            .answered, .tokenExpiring, .tokenRenewed, .tokenNotRenewed, .log:
            break
        }
    }

    private func note(_ status: ConnectionStatus, of who: String, wasOpen: Bool) {
        guard wasOpen, status != .open, !isLeaving else { return }
        measures.fault(.lostConnection, "a \(who)'s: \(status)")
    }

    private func countTalking() {
        guard isTalking != isCounted else { return }
        isCounted = isTalking
        measures.talking += isTalking ? 1 : -1
    }

    private func rang(_ call: CallID) {
        hasRung = true
        guard case .pressed(let due) = stage else { return }
        measures.ring.record(from: due, to: EpollLoop.clock())
        stage = .ringing(call)
        answerIfRinging()
    }

    private func answered(_ result: Result<Answer, RequestFailure>) {
        guard case .ringing(let call) = stage else { return }
        switch result {
        case .success: stage = .answered(call)
        case .failure(let failure):
            stage = .failed
            measures.fault(.failedCall, "answer: \(Self.words(failure))")
        }
    }

    private func unlocked(_ result: Result<Answer, RequestFailure>) {
        switch result {
        case .success(let answer) where answer.outcome == .opened:
            if let unlockDue { measures.unlock.record(from: unlockDue, to: EpollLoop.clock()) }
        case .success(let answer):
            let outcome = answer.outcome?.rawValue ?? "no outcome"
            measures.fault(.unlockFailed, outcome)
        case .failure(let failure): measures.fault(.unlockFailed, Self.words(failure))
        }
    }

    static func words(_ failure: RequestFailure) -> String {
        if case .refused(let refusal) = failure { refusal.code.rawValue } else { "\(failure)" }
    }

    /// The device may be told the same end again, and of its own before its outcome is known.
    private func ended(_ call: ResidentCall) {
        guard let outcome = call.outcome, outcome != residentEnding else { return }
        if outcome != .completed || residentEnding != nil {
            measures.fault(.wrongOutcome, "a resident was told \(outcome.rawValue)")
        }
        residentEnding = outcome
    }

    private func ended(_ ending: PanelEnding) {
        switch ending {
        // Of our own hanging up; the outcome follows.
        case .here: break
        case .outcome(let outcome):
            stage = .over(outcome)
            if outcome != .completed {
                measures.fault(.wrongOutcome, outcome?.rawValue ?? "none was told")
            }
        case .failed(let failure):
            stage = .failed
            measures.fault(.failedCall, "press: \(Self.words(failure))")
        case .connectionLost:
            stage = .failed
            measures.fault(.failedCall, "the panel's connection was gone too long")
        }
    }
}
