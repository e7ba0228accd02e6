// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// A server that is broken or hostile: nothing it says traps, grows without bound, or opens a
/// door twice.
@Suite struct GarbageTests {
    private static let numbers = [
        Int.min, -1, 0, 1, 2, 3, 76, 77, 1_000, 300_000, .max - 1, .max,
    ]
    private static let reals = [-1, 0, 0.001, 15, 1e18, 1e308, .infinity, .nan] as [Double]

    private func event(_ random: inout SeededGenerator) -> ServerEvent {
        func number() -> Int { Self.numbers.randomElement(using: &random) ?? 0 }
        func call() -> CallID { Bool.random(using: &random) ? Sample.call : Sample.otherCall }
        func state() -> CallState { CallState.allCases.randomElement(using: &random) ?? .unknown }
        let activity = MediaActivity(audio: true, video: false)
        switch Int.random(in: 0..<17, using: &random) {
        case 0: return .callPeer(call: call(), present: false, graceMs: number())
        case 1: return .callEnding(call: call(), remainingMs: number())
        case 2: return .callMedia(call: call(), activity)
        case 3: return .mediaKeyframe(call: call(), maxBytes: number())
        case 4: return .mediaRate(call: call(), kbps: number())
        case 5: return .serverRestarting(reconnectAfterMs: number())
        case 6: return .authExpiring(remainingMs: number())
        case 7: return .panelCallState(PanelCallState(call: call(), state: state()))
        case 8:
            return .doorOpen(
                DoorOpen(
                    command: Sample.command(random.next() & 7),
                    door: Sample.door,
                    seconds: Self.reals.randomElement(using: &random) ?? 0,
                    notAfter: Sample.time,
                    notAfterMs: number()
                )
            )
        case 9: return .doorVoid(command: Sample.command(random.next() & 7))
        case 10: return .directoryChanged(version: number())
        case 11: return .passRefused(code: .lockedOut, remainingMs: number())
        case 12: return .callIncoming(Sample.offer(call(), remaining: number()))
        case 13:
            return .callState(
                ResidentCallState(
                    call: call(),
                    state: state(),
                    you: Part.allCases.randomElement(using: &random) ?? .unknown
                )
            )
        case 14: return .doorsChanged
        default: return .unknown(type: "x")
        }
    }

    private func message(
        _ ids: [String],
        _ seq: Int?,
        _ random: inout SeededGenerator
    ) -> ServerMessage {
        func number() -> Int { Self.numbers.randomElement(using: &random) ?? 0 }
        let id = ids.randomElement(using: &random) ?? "x"
        switch Int.random(in: 0..<12, using: &random) {
        case 0...1:
            var answer = Answer()
            answer.call = Bool.random(using: &random) ? Sample.call : nil
            answer.handle = Bool.random(using: &random) ? .max : nil
            answer.clockMs = number()
            answer.remainingMs = number()
            if Bool.random(using: &random) {
                answer.directory = DirectoryPage(version: number(), entries: [], next: "n")
            }
            return .ok(re: id, answer)
        case 2:
            let code = ErrorCode.allCases.randomElement(using: &random) ?? .busy
            return .refused(re: Bool.random(using: &random) ? id : nil, Refusal(code))
        case 3...4:
            var limits = WelcomeLimits(SessionLimits())
            limits.bitsPerSecond = number()
            let entry = CallEntry(
                offer: Sample.offer(remaining: number()),
                state: CallState.allCases.randomElement(using: &random) ?? .unknown,
                mine: Bool.random(using: &random)
            )
            return .welcome(
                re: id,
                Welcome(
                    session: SessionID(high: 1, low: random.next() & 1),
                    role: .unknown,
                    seq: number(),
                    resumed: Bool.random(using: &random),
                    time: Sample.time,
                    heartbeat: Self.reals.randomElement(using: &random) ?? 1,
                    limits: limits,
                    calls: [entry, entry]
                )
            )
        default:
            let next = seq.map { $0 < .max ? $0 + 1 : $0 } ?? 1
            let seq = Bool.random(using: &random) ? next : number()
            return .event(seq: seq, event(&random))
        }
    }

    private func torment<Machine: ClientMachine>(
        _ machine: Machine,
        seed: UInt64,
        resume: (Machine) -> Resume?,
        order: (inout SeededGenerator) -> Machine.Order,
        check: (Machine.Report) -> Void
    ) where Machine.Report: Equatable {
        var random = SeededGenerator(seed: seed)
        var bench = Bench(machine, seed: seed)
        bench.give(.start)
        for _ in 0..<400 {
            let socket = max(0, bench.socket - Int(random.next() & 1))
            switch random.next() % 10 {
            case 0: bench.give(.opened(socket: socket))
            case 1: bench.give(.closed(socket: socket, code: random.next() & 1 == 0 ? nil : 1012))
            case 2: bench.give(.unreadable(socket: socket))
            case 3: bench.pass(.milliseconds(Int64(random.next() % 20_000)))
            case 4: bench.order(order(&random))
            default:
                let ids = bench.sent.suffix(8).map(\.message.id)
                let next = message(ids, resume(bench.machine)?.seq, &random)
                bench.give(.received(next, socket: socket))
            }
            for report in bench.takeReports() { check(report) }
        }
    }

    @Test func `a hostile server makes no panel trap or open twice`() {
        for seed in 1...300 as ClosedRange<UInt64> {
            var opened: Set<CommandID> = []
            torment(
                PanelClient(settings: Sample.settings(), token: Secret("t")),
                seed: seed,
                resume: \.resume,
                order: { random in
                    switch random.next() % 4 {
                    case 0: .press(Sample.unit)
                    case 1: .hangUp
                    case 2: .loadDirectory
                    default: .doorDid(Sample.command(random.next() & 7), .opened, detail: nil)
                    }
                },
                check: { report in
                    guard case .openDoor(let command, _, let hold) = report else { return }
                    #expect(opened.insert(command).inserted, "seed \(seed)")
                    #expect(hold >= .zero && hold <= .seconds(60), "seed \(seed)")
                }
            )
        }
    }

    @Test func `a hostile server makes no resident trap`() {
        for seed in 1...300 as ClosedRange<UInt64> {
            var told = 0
            torment(
                ResidentClient(settings: Sample.settings(), token: Secret("t")),
                seed: seed,
                resume: \.resume,
                order: { random in
                    switch random.next() % 5 {
                    case 0: .answer(Sample.call)
                    case 1: .hangUp(Sample.call)
                    case 2: .preview(Sample.call)
                    case 3: .unlock(Sample.call)
                    default: .decline(Sample.otherCall)
                    }
                },
                check: { _ in told += 1 }
            )
            #expect(told > 0, "seed \(seed)")
        }
    }

    @Test func `frames of any shape make no receiver or sender trap`() {
        var random = SeededGenerator(seed: 5)
        var receiver = MediaReceiver()
        var sender = MediaSender(
            stamps: MediaStamps(start: Moment(nanoseconds: 0), offset: .max)
        )
        sender.allowed(
            MediaRight(
                call: Sample.call,
                handle: 1,
                audio: true,
                video: true,
                bitsPerSecond: .max
            )
        )
        for _ in 0..<20_000 {
            let now = Moment(nanoseconds: Int64(bitPattern: random.next() >> 1))
            let bytes = (0..<12).map { index in
                index == 0 ? 0x10 | UInt8(random.next() & 15) : UInt8(random.next() & 255)
            }
            guard let header = bytes.withUnsafeBytes({ MediaHeader($0) }) else { continue }
            _ = receiver.arrived(header, bytes: Int(random.next() & 0xFFFF), at: now)
            _ = receiver.report(at: now)
            _ = receiver.shouldAsk(at: now)
            _ = sender.audio(timestamp: header.timestamp, at: now)
            let report = ReceiverReport(
                newestAudio: header.timestamp,
                newestVideo: UInt32(header.sequence),
                bitsPerSecond: UInt32(truncatingIfNeeded: random.next()),
                arrival: UInt32(truncatingIfNeeded: random.next())
            )
            sender.reported(report, at: now)
        }
        #expect(sender.rate.estimate >= 64_000 && sender.rate.estimate <= 2_000_000)
    }
}
