// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleWire

/// What a client's reports mean for its media.
package enum MediaNews: Sendable, Equatable {
    /// What may be sent from now on.
    case right(MediaRight?)

    /// A key frame is wanted from us.
    case keyFrame(maxBytes: Int?)

    /// What the receiver can take.
    case rate(kilobits: Int)

    /// Nothing comes under this number any longer.
    case silence(handle: UInt32)

    /// The connection is gone; reports of what came over it mean nothing now.
    case disconnected
}

/// A client that carries media: what its shell must know of its reports and orders.
package protocol MediaMachine: ClientMachine {
    /// What a report means for media, if anything.
    static func news(of report: Report) -> MediaNews?

    /// How the connection stands, where a report says it.
    static func status(in report: Report) -> ConnectionStatus?

    /// The answer to what was asked with a tag, where a report is one.
    static func answer(
        in report: Report
    ) -> (tag: Int, result: Result<Answer, RequestFailure>)?

    /// How to ask for a key frame of what arrives under this number.
    func keyFrameOrder(handle: UInt32) -> Order?

    /// What a later process needs to resume; nil before the first welcome.
    var resume: Resume? { get }

    /// What the line dropped, and why.
    var counters: LineCounters { get }
}

/// Both directions of a client's media on one connection: what goes out, what came in, the reports
/// about it and the wish for key frames.
///
/// More than one picture may come at once: a device that talks may preview who stands at another
/// door. Each has a receiver of its own, by the number in its frames.
package struct MediaPort: Sendable {
    /// What a frame that arrived is.
    package enum Arrival: Sendable, Equatable {
        /// For the decoder.
        case deliver(MediaHeader)

        /// Nothing for a decoder: a report, or what cannot be decoded now.
        case taken
    }

    /// What to send because its time has come.
    package struct Due: Sendable, Equatable {
        package var reports: [Outgoing] = []

        /// The number of the call whose sender should make a key frame.
        package var keyFrame: UInt32?
    }

    /// A report, ready to go.
    package struct Outgoing: Sendable, Equatable {
        package var header: MediaHeader
        package var report: ReceiverReport
    }

    /// What comes under one number.
    private struct Incoming: Sendable {
        let handle: UInt32
        var arrived: Moment
        var receiver = MediaReceiver()
    }

    package var sender: MediaSender

    /// Frames that were no frames of this version.
    package private(set) var malformed = 0
    private var incoming: [Incoming] = []

    /// When a key frame was asked for last, of anyone.
    private var asked: Moment?

    /// Reports go on this long after the last frame: they show the sender that nothing comes.
    private static let reporting = Duration.seconds(5)

    /// Between two requests for key frames, whoever is asked.
    private static let asking = Duration.milliseconds(500)

    /// Numbers that are received at once: more than doors that ring for one household.
    private static let most = 8

    package init(sender: MediaSender) {
        self.sender = sender
    }

    package mutating func take(_ news: MediaNews) {
        switch news {
        case .right(let right): sender.allowed(right)
        case .keyFrame(let maxBytes): sender.keyFrameWanted(maxBytes: maxBytes)
        case .rate(let kilobits): sender.told(kilobits: kilobits)
        case .silence(let handle): incoming.removeAll { $0.handle == handle }
        // The server asks for a key frame by itself, and inter frames before it do not come.
        case .disconnected: incoming = []
        }
    }

    /// A binary message came.
    package mutating func arrived(_ frame: UnsafeRawBufferPointer, at now: Moment) -> Arrival {
        guard let header = MediaHeader(frame) else {
            malformed += 1
            return .taken
        }
        if header.kind == .report {
            guard let report = ReceiverReport(MediaHeader.payload(of: frame)) else {
                malformed += 1
                return .taken
            }
            if header.handle == sender.right?.handle { sender.reported(report, at: now) }
            return .taken
        }
        guard header.kind == .audio || header.kind == .video else { return .taken }
        let index = place(of: header.handle, at: now)
        incoming[index].arrived = now
        let verdict = incoming[index].receiver.arrived(header, bytes: frame.count, at: now)
        return verdict == .deliver ? .deliver(header) : .taken
    }

    /// Where a number is received; where too many are, the one longest silent makes room.
    private mutating func place(of handle: UInt32, at now: Moment) -> Int {
        if let index = incoming.firstIndex(where: { $0.handle == handle }) { return index }
        if incoming.count >= Self.most,
            let oldest = incoming.indices.min(by: {
                incoming[$0].arrived < incoming[$1].arrived
            })
        {
            incoming.remove(at: oldest)
        }
        incoming.append(Incoming(handle: handle, arrived: now))
        return incoming.count - 1
    }

    /// A decoder failed or was reset: that of one number, or each of them.
    package mutating func decoderLost(handle: UInt32?, at now: Moment) {
        for index in incoming.indices where handle.map({ $0 == incoming[index].handle }) ?? true {
            incoming[index].receiver.decoderLost(at: now)
        }
    }

    /// A frame was lost between here and its decoder: without a picture the next ones are useless.
    package mutating func fellOut(_ header: MediaHeader, at now: Moment) {
        if header.kind == .video { decoderLost(handle: header.handle, at: now) }
    }

    /// When ``due(at:)`` has something to say.
    package var nextDeadline: Moment? {
        let report = incoming.compactMap(\.receiver.reports.nextDeadline).min()
        let wish = incoming.compactMap(\.receiver.wish.nextDeadline).min()
        let asking = wish.map { max($0, asked.map { $0 + Self.asking } ?? $0) }
        return [report, asking, sender.nextDeadline].compactMap { $0 }.min()
    }

    package mutating func due(at now: Moment) -> Due {
        sender.tick(at: now)
        incoming.removeAll { now - $0.arrived >= Self.reporting }
        var due = Due()
        for index in incoming.indices {
            guard let report = incoming[index].receiver.report(at: now) else { continue }
            let header = sender.report(handle: incoming[index].handle, at: now)
            due.reports.append(Outgoing(header: header, report: report))
        }
        due.keyFrame = keyFrame(at: now)
        return due
    }

    /// Whom to ask for a key frame now: the one that waits longest, and one at a time.
    private mutating func keyFrame(at now: Moment) -> UInt32? {
        if let asked, now - asked < Self.asking { return nil }
        let waiting = incoming.indices.filter { incoming[$0].receiver.wish.isWanting }
        let next = waiting.min {
            let (one, other) = (incoming[$0].receiver.wish, incoming[$1].receiver.wish)
            return (one.nextDeadline ?? now) < (other.nextDeadline ?? now)
        }
        guard let next, incoming[next].receiver.shouldAsk(at: now) else { return nil }
        asked = now
        return incoming[next].handle
    }
}
