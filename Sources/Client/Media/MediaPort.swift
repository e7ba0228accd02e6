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
}

/// Both directions of a call's media on one connection: what goes out, what came in, the reports
/// about it and the wish for key frames.
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
        package var report: Outgoing?

        /// The number of the call whose sender should make a key frame.
        package var keyFrame: UInt32?
    }

    /// A report, ready to go.
    package struct Outgoing: Sendable, Equatable {
        package var header: MediaHeader
        package var report: ReceiverReport
    }

    package var sender: MediaSender
    package private(set) var receiver = MediaReceiver()

    /// Frames that were no frames of this version.
    package private(set) var malformed = 0
    private var handle: UInt32?
    private var arrived: Moment?

    /// Reports go on this long after the last frame: they show the sender that nothing comes.
    private static let reporting = Duration.seconds(5)

    package init(sender: MediaSender) {
        self.sender = sender
    }

    package mutating func take(_ news: MediaNews) {
        switch news {
        case .right(let right): sender.allowed(right)
        case .keyFrame(let maxBytes): sender.keyFrameWanted(maxBytes: maxBytes)
        case .rate(let kilobits): sender.told(kilobits: kilobits)
        case .silence(let handle): if handle == self.handle { fallSilent() }
        case .disconnected:
            fallSilent()
            receiver.connected()
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
        if handle != header.handle { receiver = MediaReceiver() }
        handle = header.handle
        arrived = now
        let verdict = receiver.arrived(header, bytes: frame.count, at: now)
        return verdict == .deliver ? .deliver(header) : .taken
    }

    /// The decoder failed, or frames were lost on the way to it.
    package mutating func decoderLost(at now: Moment) { receiver.decoderLost(at: now) }

    /// When ``due(at:)`` has something to say.
    package var nextDeadline: Moment? { handle == nil ? nil : receiver.nextDeadline }

    package mutating func due(at now: Moment) -> Due {
        guard let handle, let arrived else { return Due() }
        guard now - arrived < Self.reporting else {
            fallSilent()
            return Due()
        }
        var due = Due()
        if let report = receiver.report(at: now) {
            due.report = Outgoing(
                header: sender.report(handle: handle, at: now),
                report: report
            )
        }
        if receiver.shouldAsk(at: now) { due.keyFrame = handle }
        return due
    }

    private mutating func fallSilent() {
        handle = nil
        arrived = nil
        receiver = MediaReceiver()
    }
}
