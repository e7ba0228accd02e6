// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// A client on a bench: a hand clock, drawn numbers from a seed, and everything it does written
/// down.
struct Bench<Machine: ClientMachine> where Machine.Report: Equatable {
    var machine: Machine
    var now: Moment
    var random: SeededGenerator

    /// What was sent since it was last looked at, with the socket it went to.
    var sent: [(message: ClientMessage, socket: Int)] = []
    var connects: [Int] = []
    var closes: [(socket: Int, code: UInt16)] = []
    var reports: [Machine.Report] = []

    init(_ machine: Machine, seed: UInt64 = 1, at now: Moment = Moment(nanoseconds: 1_000_000)) {
        self.machine = machine
        self.now = now
        random = SeededGenerator(seed: seed)
    }

    var socket: Int { connects.last ?? 0 }

    mutating func give(_ input: ClientInput<Machine.Order>) {
        for action in machine.handle(input, at: now, using: &random) {
            switch action {
            case .connect(let socket): connects.append(socket)
            case .send(let message, let socket): sent.append((message, socket))
            case .close(let socket, let code): closes.append((socket, code))
            case .report(let report): reports.append(report)
            }
        }
    }

    mutating func order(_ order: Machine.Order) { give(.order(order)) }

    /// Lets time pass, with a tick at every deadline on the way, as a loop does.
    mutating func pass(_ duration: Duration) {
        let end = now + duration
        var turns = 0
        while let deadline = machine.nextDeadline, deadline <= end, turns < 100_000 {
            now = max(now, deadline)
            give(.tick)
            turns += 1
        }
        #expect(turns < 100_000, "a deadline that a tick does not clear turns for ever")
        now = end
    }

    // MARK: The server's side

    /// Connects and says hello; returns it.
    @discardableResult
    mutating func connect() -> Hello? {
        if connects.isEmpty { give(.start) }
        give(.opened(socket: socket))
        guard case .hello(let hello)? = sent.last?.message.request else { return nil }
        return hello
    }

    /// Welcomes the newest hello.
    mutating func welcome(_ change: (inout Welcome) -> Void = { _ in }) {
        var welcome = Welcome(
            session: Sample.session,
            role: .panel,
            seq: 0,
            resumed: false,
            time: Sample.time,
            heartbeat: 15,
            limits: WelcomeLimits(SessionLimits())
        )
        change(&welcome)
        let id = sent.last { $0.message.request.name == .hello }?.message.id ?? ""
        give(.received(.welcome(re: id, welcome), socket: socket))
    }

    /// The connection is lost, and comes back with the session as it was.
    mutating func reconnect(seq: Int, _ change: (inout Welcome) -> Void = { _ in }) {
        give(.closed(socket: socket, code: nil))
        let before = connects.count
        pass(.seconds(1))
        #expect(connects.count == before + 1)
        give(.opened(socket: socket))
        welcome { welcome in
            welcome.resumed = true
            welcome.seq = seq
            change(&welcome)
        }
    }

    /// The link is down for this long, and then until the next try; says hello on that.
    @discardableResult
    mutating func connectAgain(after duration: Duration = .seconds(1)) -> Hello? {
        pass(duration)
        let before = connects.count
        for _ in 0..<100 where connects.count == before { pass(.seconds(1)) }
        return connect()
    }

    mutating func event(_ seq: Int, _ event: ServerEvent, on socket: Int? = nil) {
        give(.received(.event(seq: seq, event), socket: socket ?? self.socket))
    }

    /// Answers the newest request of this name.
    mutating func ok(_ name: RequestName, _ answer: Answer = .done) {
        guard let id = last(name)?.id else {
            Issue.record("no \(name.rawValue) was sent")
            return
        }
        give(.received(.ok(re: id, answer), socket: socket))
    }

    mutating func refuse(_ name: RequestName, _ refusal: Refusal) {
        guard let id = last(name)?.id else {
            Issue.record("no \(name.rawValue) was sent")
            return
        }
        give(.received(.refused(re: id, refusal), socket: socket))
    }

    // MARK: Looking

    func last(_ name: RequestName) -> ClientMessage? {
        sent.last { $0.message.request.name == name }?.message
    }

    func count(_ name: RequestName) -> Int {
        sent.filter { $0.message.request.name == name }.count
    }

    mutating func takeReports() -> [Machine.Report] {
        defer { reports = [] }
        return reports
    }

    mutating func takeSent() -> [ClientMessage] {
        defer { sent = [] }
        return sent.map(\.message)
    }
}

/// Identifiers that tests name.
enum Sample {
    static let session = SessionID(high: 1, low: 1)
    static let panel = PanelID(high: 2, low: 1)
    static let unit = UnitID(high: 3, low: 1)
    static let call = CallID(high: 4, low: 1)
    static let otherCall = CallID(high: 4, low: 2)
    static let door = DoorID(high: 5, low: 1)
    static let property = PropertyID(high: 6, low: 1)
    static let resident = ResidentID(high: 7, low: 1)
    static let device = DeviceID(high: 8, low: 1)
    static let otherDevice = DeviceID(high: 8, low: 2)
    static let anna = AnsweredBy(resident: resident, device: otherDevice)

    /// 2026-11-21T10:12:00.000Z.
    static let time = Timestamp(milliseconds: 1_795_255_920_000)

    static func command(_ number: UInt64) -> CommandID { CommandID(high: 9, low: number) }

    static func settings() -> LineSettings {
        LineSettings(device: HelloDevice(id: device.text))
    }

    static func offer(_ call: CallID = Sample.call, remaining: Int = 30_000) -> CallOffer {
        CallOffer(
            call: call,
            handle: 77,
            panel: PanelName(id: panel, name: "Front"),
            unit: unit,
            property: property,
            startedAt: time,
            expiresAt: time + .seconds(30),
            remainingMs: remaining,
            doors: [DoorName(id: door, name: "Front door")]
        )
    }
}

extension Bench where Machine == PanelClient {
    /// A panel that is connected.
    static func panel(seed: UInt64 = 1, resume: Resume? = nil) -> Bench {
        var bench = Bench(
            PanelClient(settings: Sample.settings(), token: Secret("t"), resume: resume),
            seed: seed
        )
        bench.connect()
        bench.welcome()
        return bench
    }

    /// A panel whose call rings.
    static func ringingPanel() -> Bench {
        var bench = panel()
        bench.order(.press(Sample.unit))
        bench.ok(.callStart, .started(Sample.call, handle: 77, ringTimeout: 30))
        return bench
    }

    mutating func callState(_ seq: Int, _ state: CallState, outcome: Outcome? = nil) {
        event(
            seq,
            .panelCallState(
                PanelCallState(
                    call: Sample.call,
                    state: state,
                    answeredBy: state == .active ? Sample.anna : nil,
                    outcome: outcome
                )
            )
        )
    }
}

extension Bench where Machine == ResidentClient {
    /// A resident's device that is connected.
    static func resident(seed: UInt64 = 1) -> Bench {
        var bench = Bench(
            ResidentClient(settings: Sample.settings(), token: Secret("t")),
            seed: seed
        )
        bench.connect()
        bench.welcome { $0.role = .resident }
        return bench
    }

    /// A device that is offered a call.
    static func ringingResident() -> Bench {
        var bench = resident()
        bench.event(1, .callIncoming(Sample.offer()))
        return bench
    }

    mutating func callState(
        _ seq: Int,
        _ state: CallState,
        _ you: Part,
        _ reason: PartReason? = nil,
        outcome: Outcome? = nil
    ) {
        event(
            seq,
            .callState(
                ResidentCallState(
                    call: Sample.call,
                    state: state,
                    you: you,
                    reason: reason,
                    outcome: outcome
                )
            )
        )
    }
}
