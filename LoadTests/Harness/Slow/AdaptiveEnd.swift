// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// One end of a call as a client of ours is: it obeys reports and `media.rate`, makes key frames of
/// the size asked for, reports what arrives, and asks for a key frame where one is missing.
///
/// The rules are the product's own (``MediaPort``); only the encoder is a ``Ladder``.
final class AdaptiveEnd {
    unowned var peer: AdaptiveEnd?

    /// Whether it tells how far it is; a receiver of another make may not.
    var doesReport = true

    /// What it gets.
    var figures = SlowFigures()

    /// Called where it wants a key frame of what arrives under this number.
    var onWish: ((UInt32) -> Void)?

    private(set) var audio: SentLane
    private(set) var video: SentLane
    private(set) var reports: SentLane
    private(set) var arrivedAudio = ArrivedLane()
    private(set) var arrivedVideo = ArrivedLane()
    private(set) var arrivedReports = ArrivedLane()
    private let kit: MediaKit
    private let ladder: Ladder
    private let hasRoom: () -> Bool
    private let send: (MediaHeader, PreparedPayload) -> Bool
    private var port: MediaPort
    private var rungs: RungChooser
    private var beats: MediaBeats
    private var slot: Int32 = -1
    private var isSending = false
    private var voice = 0
    private var excused: Set<MediaKind> = []

    init(
        _ index: Int,
        kit: MediaKit,
        ladder: Ladder,
        hasRoom: @escaping () -> Bool,
        send: @escaping (MediaHeader, PreparedPayload) -> Bool
    ) {
        self.kit = kit
        self.ladder = ladder
        self.hasRoom = hasRoom
        self.send = send
        let stamps = MediaStamps(start: kit.start, offset: .random(in: 1...UInt32.max))
        port = MediaPort(sender: MediaSender(stamps: stamps))
        rungs = RungChooser(
            ladder.levels.map {
                RungChooser.Rung(
                    bitsPerSecond: $0.bitsPerSecond,
                    keyBytes: $0.keyBytes,
                    count: $0.frames.count
                )
            }
        )
        audio = SentLane(
            rate: MediaTime.audioRate,
            offset: 1,
            start: kit.start,
            keeping: SentLane.long
        )
        video = SentLane(
            rate: MediaTime.videoRate,
            offset: 1,
            start: kit.start,
            keeping: SentLane.long
        )
        reports = SentLane(
            rate: MediaTime.videoRate,
            offset: 1,
            start: kit.start,
            keeping: SentLane.long
        )
        beats = MediaBeats(
            index,
            fps: ladder.fps,
            from: kit.start,
            grain: kit.loop.granularity
        )
        slot = kit.loop.add(self)
    }

    /// What its client reports.
    func take(_ news: MediaNews) {
        port.take(news)
        guard case .right(let right) = news else { return }
        let maySend = right?.audio == true && right?.video == true
        guard maySend != isSending else { return }
        isSending = maySend
        beats.begin(after: kit.loop.now)
        kit.loop.arm(slot, at: maySend ? beats.next : nil)
    }

    /// A connection of the call is gone, with what was under way on it: the next gap of each kind is
    /// no surprise.
    func connectionLost() { excused = [.audio, .video, .report] }

    /// Sends nothing more.
    func end() {
        isSending = false
        kit.loop.arm(slot, at: nil)
    }
}

// MARK: - Out

extension AdaptiveEnd: EpollTimer {
    func due(at now: Moment, on loop: EpollLoop) {
        guard isSending else { return }
        while let due = beats.takeAudio(until: now) { sendVoice(due: due, at: now) }
        while let due = beats.takeVideo(until: now) { sendPicture(due: due, at: now) }
        loop.arm(slot, at: beats.next)
        // What is stamped must go, or the numbers would be of other frames.
        guard hasRoom() else { return }
        let due = port.due(at: now)
        for report in due.reports where doesReport { send(report, at: now) }
        if let handle = due.keyFrame { onWish?(handle) }
    }

    private func sendVoice(due: Moment, at now: Moment) {
        let timestamp = port.sender.stamps.timestamp(.audio, at: due)
        let hasRoom = hasRoom()
        if !hasRoom { kit.measures.notSent() }
        let header = port.sender.audio(timestamp: timestamp, hasRoom: hasRoom, at: now)
        guard let header, send(header, kit.frames.audio[voice].masked) else { return }
        audio.sent(due: due, timestamp: header.timestamp, index: voice)
        voice = (voice + 1) % kit.frames.audio.count
    }

    private func sendPicture(due: Moment, at now: Moment) {
        let bits = port.sender.videoBits
        guard bits > 0 else { return }
        let demand = port.sender.demand
        let (level, index) = rungs.choose(
            bits: bits,
            isKeyWanted: demand != nil,
            mostKeyBytes: demand?.maxBytes
        )
        let frame = ladder.levels[level].frames[index]
        let hasRoom = hasRoom()
        if !hasRoom { kit.measures.notSent() }
        let header = port.sender.video(
            isKey: frame.isKey,
            bytes: frame.bytes.count,
            timestamp: port.sender.stamps.timestamp(.video, at: due),
            hasRoom: hasRoom,
            at: now
        )
        guard let header, send(header, frame.masked) else { return }
        video.sent(due: due, timestamp: header.timestamp, index: level * Self.stride + index)
    }

    private func send(_ report: MediaPort.Outgoing, at now: Moment) {
        guard send(report.header, PreparedPayload(report.report.payload)) else {
            return kit.measures.notSent()
        }
        reports.sent(due: now, timestamp: report.header.timestamp, index: -1)
    }

    /// Frames of a level, at most.
    private static let stride = 1_000
}

// MARK: - In

extension AdaptiveEnd {
    /// A binary message came; it must be what the other end sent.
    func arrived(_ bytes: UnsafeRawBufferPointer) {
        guard let header = MediaHeader(bytes), let peer else {
            return kit.measures.fault(.malformed, "a frame of \(bytes.count) bytes")
        }
        let now = EpollLoop.clock()
        switch header.kind {
        case .audio:
            guard let frame = sent(&arrivedAudio, header, peer.audio) else { return }
            figures.arrivedAudio(due: frame.due, at: now)
            kit.compare(bytes, with: kit.frames.audio[Int(frame.index)])
        case .video:
            guard let frame = sent(&arrivedVideo, header, peer.video) else { return }
            figures.arrivedVideo(due: frame.due, at: now)
            let (level, index) = Int(frame.index).quotientAndRemainder(dividingBy: Self.stride)
            kit.compare(bytes, with: ladder.levels[level].frames[index])
        case .report: _ = sent(&arrivedReports, header, peer.reports)
        default: kit.measures.fault(.malformed, "a frame of kind \(header.kind.rawValue)")
        }
        _ = port.arrived(bytes, at: now)
    }

    private func sent(
        _ lane: inout ArrivedLane,
        _ header: MediaHeader,
        _ sender: SentLane
    ) -> SentFrame? {
        let words = "slow: kind \(header.kind.rawValue), sequence \(header.sequence)"
        let number: Int
        switch lane.take(header) {
        case .next(let next): number = next
        case .afterGap(let later, let missing, let isTold):
            let isExcused = excused.remove(header.kind) != nil
            if !isTold, !isExcused {
                kit.measures.fault(.silentGap, words + ", \(missing) missing")
            }
            number = later
        // The sender says so too, where it left a frame out.
        case .falseGap(let next): number = next
        case .repeated:
            kit.measures.fault(.repeated, words)
            return nil
        }
        switch sender.record(number) {
        case .kept(let frame) where frame.timestamp == header.timestamp: return frame
        case .kept: kit.measures.fault(.unknownFrame, words + ", with another's timestamp")
        case .forgotten: kit.measures.fault(.unknownFrame, words + ", sent too long ago to know")
        case .never: kit.measures.fault(.unknownFrame, words + ", was never sent")
        }
        return nil
    }
}
