// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// A panel and all devices of the unit that it rings: plays one visit after the other.
final class Household {
    /// The visit that is being played.
    private(set) var visit: Visit?

    /// The visit before, of which nothing may be told any more.
    private var past: Visit?

    /// Where picture and sound are sent: the panel, and the first device.
    let guest: Party
    let host: Party

    /// Called with each visit that is over.
    var onOver: ((Visit) -> Void)?

    let measures: Measures
    let panel: EpollClient<PanelClient>
    let residents: [EpollClient<ResidentClient>]
    var isOpen: [Bool]
    private let devices: [DeviceID]
    private let unit: UnitID
    private let hasMedia: Bool
    private var isLeaving = false

    private var pressed = Moment(nanoseconds: 0)
    private var answered: Moment?
    private var unlocked: Moment?

    /// Who ended it when; -1 is the panel.
    private var end: (due: Moment, by: Int, isCancel: Bool)?

    /// Devices that answer as soon as they ring.
    private var eager: Set<Int> = []

    enum Tag {
        static let answer = 1
        static let unlock = 2
    }

    init(
        _ index: Int,
        panel: Building.Panel,
        unit: Building.Unit,
        hasMedia: Bool,
        at address: EpollAddress,
        kit: MediaKit
    ) throws(LoadFailure) {
        let devices = unit.residents.flatMap(\.devices)
        let client = EpollClient(
            PanelClient(settings: Pair.settings(panel.id), token: Secret(panel.token)),
            on: kit.loop,
            to: address
        )
        let residents = devices.map { device in
            EpollClient(
                ResidentClient(settings: Pair.settings(device.id), token: Secret(device.token)),
                on: kit.loop,
                to: address
            )
        }
        guard let first = residents.first else {
            throw .usage("unit \(unit.label) of the building has no device")
        }
        self.panel = client
        self.residents = residents
        self.devices = devices.map { DeviceID(lenient: $0.id) }
        self.unit = UnitID(lenient: unit.id)
        self.hasMedia = hasMedia
        measures = kit.measures
        isOpen = Array(repeating: false, count: devices.count + 1)
        guest = Party(2 * index, kit: kit) { client.send($0, $1) }
        host = Party(2 * index + 1, kit: kit) { first.send($0, $1) }
        guest.peer = host
        host.peer = guest
        if !hasMedia { fallSilent() }
        client.onMedia = { [unowned guest] in guest.arrived($0) }
        first.onMedia = { [unowned host] in host.arrived($0) }
        client.onFlushed = { [unowned guest] in guest.left() }
        first.onFlushed = { [unowned host] in host.left() }
        client.onReport = { [unowned self] in told($0) }
        for (number, resident) in residents.enumerated() {
            resident.onReport = { [unowned self] in told($0, number) }
        }
    }

    // MARK: What the scenario wants

    func connect() {
        panel.start()
        for resident in residents { resident.start() }
    }

    var isConnected: Bool { isOpen.allSatisfy { $0 } }

    func disconnect() {
        isLeaving = true
        measures.check(panel.machine.counters, of: "panel")
        for resident in residents { measures.check(resident.machine.counters, of: "resident") }
        panel.end()
        for resident in residents { resident.end() }
    }

    /// Begins a visit; false where the last one is not over.
    func press(_ number: Int, due: Moment) -> Bool {
        guard visit == nil else { return false }
        visit = Visit(number, devices: devices)
        pressed = due
        (answered, unlocked, end) = (nil, nil, nil)
        eager = []
        measures.talking += 1
        measures.pressed(due: due, at: EpollLoop.clock())
        if hasMedia {
            guest.again()
            host.again()
        }
        panel.order(.press(unit))
        return true
    }

    /// Somebody does something in this visit, unless it is over already.
    func act(_ act: Plot.Act, in number: Int, due: Moment) {
        guard let visit, visit.number == number else { return }
        measures.pressed(due: due, at: EpollLoop.clock())
        switch act {
        case .answer: answer([0], due)
        case .answerAll: answer(Set(residents.indices), due)
        case .decline:
            guard let call = visit.call else { return }
            end = (due, 0, false)
            residents[0].order(.decline(call))
        case .giveUpOrAnswer:
            end = (due, -1, true)
            change { $0.guestGoes() }
            // Who is first in the generator's turn is not always first at the server.
            if number.isMultiple(of: 2) { panel.order(.hangUp) }
            if visit.isRinging(0) { answer([0], due) }
            if !number.isMultiple(of: 2) { panel.order(.hangUp) }
        case .unlock:
            guard let call = visit.call else { return }
            unlocked = due
            residents[0].order(.unlock(call, tag: Tag.unlock))
        case .fallSilent: fallSilent()
        case .hangUp: hangUp(visit, due)
        }
    }

    private func answer(_ numbers: Set<Int>, _ due: Moment) {
        answered = due
        for number in numbers.sorted() {
            guard let visit, let call = visit.call, visit.isRinging(number) else {
                eager.insert(number)
                continue
            }
            answer(number, call)
        }
    }

    private func answer(_ number: Int, _ call: CallID) {
        eager.remove(number)
        visit?.answers(number)
        residents[number].order(.answer(call, tag: Tag.answer))
        guard hasMedia else { return }
        host.onFirstPicture = { [unowned self] now in
            host.onFirstPicture = nil
            if let answered { measures.answer.record(from: answered, to: now) }
        }
    }

    private func fallSilent() {
        guest.end()
        host.end()
    }

    private func hangUp(_ visit: Visit, _ due: Moment) {
        let winner = visit.winner.flatMap { devices.firstIndex(of: $0) }
        if let winner, let call = visit.call, visit.number.isMultiple(of: 2) {
            end = (due, winner, false)
            residents[winner].order(.hangUp(call))
        } else {
            end = (due, -1, false)
            panel.order(.hangUp)
        }
    }

    // MARK: What becomes of it

    func change(_ body: (inout Visit) -> Void) {
        guard var changed = visit else { return }
        body(&changed)
        visit = changed
        guard changed.isOver else { return }
        visit = nil
        past = changed
        measures.talking -= 1
        fallSilent()
        onOver?(changed)
    }

    /// A device is told the end of a call that this visit is not.
    func toldLate(_ number: Int, _ call: CallID, _ outcome: Outcome?) {
        guard past?.call == call else { return }
        if let (fault, words) = past?.deviceToldLate(number, outcome) {
            measures.fault(fault, words)
        }
    }

    func rang(_ number: Int, _ call: CallID) {
        guard visit != nil else { return }
        measures.ring.record(from: pressed, to: EpollLoop.clock())
        change { $0.rang(number, call) }
        if eager.contains(number) { answer(number, call) }
    }

    /// Somebody (-1: the panel) knows that the call ended so.
    func knows(_ number: Int, _ outcome: Outcome?) {
        guard visit != nil, let end, end.by != number else { return }
        let now = EpollLoop.clock()
        if end.isCancel, outcome == .cancelled {
            measures.cancel.record(from: end.due, to: now)
        } else if !end.isCancel {
            measures.ended.record(from: end.due, to: now)
        }
    }

    func doorOpens() {
        if let unlocked { measures.door.record(from: unlocked, to: EpollLoop.clock()) }
    }

    func doorOpened() {
        if let unlocked { measures.unlock.record(from: unlocked, to: EpollLoop.clock()) }
    }

    func note(_ status: ConnectionStatus, of number: Int) {
        let wasOpen = isOpen[number + 1]
        isOpen[number + 1] = status == .open
        guard wasOpen, status != .open, !isLeaving else { return }
        measures.fault(.lostConnection, "\(number < 0 ? "a panel" : "a resident")'s: \(status)")
    }
}
