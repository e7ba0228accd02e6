// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleSwitchboard
import VestibuleWire

/// A transport of so many bytes a millisecond, with a buffer like the kernel's.
final class ScriptedLine: Line {
    /// One thing that was written.
    struct Written: Equatable {
        enum What: Equatable {
            case text(String)
            case frame(MediaHeader, size: Int)
        }

        let at: Moment
        let what: What

        var header: MediaHeader? { if case .frame(let header, _) = what { header } else { nil } }
        var size: Int { if case .frame(_, let size) = what { size } else { 0 } }
        var text: String? { if case .text(let text) = what { text } else { nil } }
    }

    let name: String
    var now = Moment(nanoseconds: 0)

    /// Bytes taken in a second; nil takes all at once.
    var bytesPerSecond: Int?

    /// Bytes taken before there is no room.
    var buffer = 0

    /// Since when it holds the rest of a write.
    var holdsSince: Moment?
    private(set) var written: [Written] = []
    private(set) var lastFrame: [UInt8] = []
    private(set) var wantsRoom = false
    private var stuck = 0

    init(_ name: String, _ relay: Relay) {
        self.name = name
        super.init(relay: relay, at: Moment(nanoseconds: 0))
    }

    override var hasRoom: Bool { stuck <= buffer * 1000 }

    override var heldSince: Moment? { holdsSince }

    override func requestRoom() {
        precondition(!wantsRoom, "room is asked for once")
        wantsRoom = true
    }

    override func write(text: UnsafeRawBufferPointer) {
        let words = String(decoding: text, as: UTF8.self)
        written.append(Written(at: now, what: .text(words)))
        take(text.count)
    }

    override func write(frame: UnsafeRawBufferPointer, flags: UInt8) {
        precondition(hasRoom, "a frame is written only where there is room")
        var bytes = [UInt8](frame)
        bytes[1] = flags
        lastFrame = bytes
        guard let header = bytes.withUnsafeBytes({ MediaHeader($0) }) else { return }
        written.append(Written(at: now, what: .frame(header, size: bytes.count)))
        take(bytes.count)
    }

    /// There is room, and the line has not heard of it yet.
    func makeRoomQuietly() { stuck = 0 }

    /// A millisecond passes.
    func advance(to moment: Moment) {
        now = moment
        if let bytesPerSecond { stuck = max(0, stuck - bytesPerSecond) } else { stuck = 0 }
        guard wantsRoom, hasRoom else { return }
        wantsRoom = false
        roomMade(at: now)
    }

    /// Thousandths of bytes, so that slow readers are exact.
    private func take(_ size: Int) { if bytesPerSecond != nil { stuck += size * 1000 } }

    func headers(_ kind: MediaKind) -> [MediaHeader] {
        written.compactMap(\.header).filter { $0.kind == kind }
    }

    var texts: [String] { written.compactMap(\.text) }
}

/// Two boards with a mailbox between them, a hand clock, and what the relay said.
final class RelayWorld {
    enum Said: Equatable {
        case askKeyFrame(String, maxBytes: Int)
        case rate(String, kilobits: Int)
        case stalled(String)
    }

    private(set) var now = Moment(nanoseconds: 1_000_000_000)
    private(set) var said: [(at: Moment, what: Said)] = []
    let relays: [Relay]
    private(set) var lines: [ScriptedLine] = []

    /// Whether mail between the boards loses its frames.
    var mailIsFull = false

    /// Whether mail between the boards stays under way.
    var isMailLate = false

    init(limits: Limits = Limits()) {
        relays = [
            Relay(limits: limits, board: BoardIndex(0)),
            Relay(limits: limits, board: BoardIndex(1)),
        ]
    }

    func line(_ name: String, on board: Int = 0) -> ScriptedLine {
        let line = ScriptedLine(name, relays[board])
        line.now = now
        lines.append(line)
        return line
    }

    /// Lets milliseconds pass, with `each` done in every one.
    func pass(_ milliseconds: Int, _ each: (Int) -> Void = { _ in }) {
        for millisecond in 0..<milliseconds {
            now = now + .milliseconds(1)
            for line in lines { line.advance(to: now) }
            each(millisecond)
            for relay in relays {
                if let due = relay.nextDeadline, due <= now { relay.tick(at: now) }
            }
            settle()
        }
    }

    @discardableResult
    func send(_ frame: [UInt8], from line: ScriptedLine) -> FrameVerdict {
        let verdict = frame.withUnsafeBytes { line.relay.receive(frame: $0, from: line, at: now) }
        settle()
        return verdict
    }

    /// Ends the turn: notes are heard, mail is delivered.
    func settle() {
        for relay in relays where !isMailLate {
            for (board, posted) in relay.takeBatches() {
                var inbox = MailInbox(frameBytes: mailIsFull ? 0 : 1_000_000)
                _ = inbox.add(.frames(posted))
                var mail: [Mail] = []
                inbox.take(into: &mail)
                for case .frames(let batch) in mail { relays[board.raw].receive(batch, at: now) }
            }
        }
        for relay in relays {
            for note in relay.takeNotes() { said.append((now, heard(note))) }
        }
    }

    private func heard(_ note: RelayNote) -> Said {
        switch note {
        case .askKeyFrame(let line, _, let most):
            .askKeyFrame((line as? ScriptedLine)?.name ?? "", maxBytes: most)
        case .rate(let line, _, let kilobits):
            .rate((line as? ScriptedLine)?.name ?? "", kilobits: kilobits)
        case .stalled(let line): .stalled((line as? ScriptedLine)?.name ?? "")
        }
    }

    // MARK: What was said

    func keyFramesAsked(of name: String) -> [(at: Moment, maxBytes: Int)] {
        said.compactMap { at, what in
            if case .askKeyFrame(name, let most) = what { (at, most) } else { nil }
        }
    }

    func rates(of name: String) -> [Int] {
        said.compactMap { if case .rate(name, let kilobits) = $0.what { kilobits } else { nil } }
    }

    func forgetWhatWasSaid() { said = [] }
}
