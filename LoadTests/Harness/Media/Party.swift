// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// What all parties of a run share.
struct MediaKit {
    let loop: EpollLoop
    let frames: LoopFrames
    let measures: Measures

    /// Beats count from here.
    let start: Moment

    /// Instead of beats: as fast as it goes.
    var flood: Flood?

    /// All but one of so many beats are left out.
    var thinning = 1
}

/// One end of a call: sends the loop by a schedule fixed beforehand, checks what arrives, reports.
///
/// A frame leaves when it is due, whether the one before it arrived or not; latency counts from
/// when it was due, so a generator or a server that is late cannot hide it.
final class Party {
    /// The other end; its lanes tell what should arrive here.
    unowned var peer: Party?

    private(set) var audio: SentLane
    private(set) var video: SentLane
    private(set) var reports: SentLane
    var arrivedAudio = ArrivedLane()
    var arrivedVideo = ArrivedLane()
    var arrivedReports = ArrivedLane()
    var maker = ReportMaker()

    /// Called with the first video frame that arrives.
    var onFirstPicture: ((Moment) -> Void)?

    let kit: MediaKit
    private(set) var handle: UInt32 = 0
    private let send: (MediaHeader, PreparedPayload) -> Bool
    private var beats: MediaBeats
    private var slot: Int32 = -1
    private var isSending = false
    private var isOver = false
    private var needsKey = true
    private var picture = 0
    private var voice = 0

    /// When those were due that the kernel does not have yet.
    private var leaving: [Moment] = []

    /// The `index`-th of all parties; its share of each beat follows from that.
    init(_ index: Int, kit: MediaKit, send: @escaping (MediaHeader, PreparedPayload) -> Bool) {
        self.kit = kit
        self.send = send
        func offset() -> UInt32 { .random(in: 1...UInt32.max) }
        audio = SentLane(rate: MediaTime.audioRate, offset: offset(), start: kit.start)
        video = SentLane(rate: MediaTime.videoRate, offset: offset(), start: kit.start)
        reports = SentLane(rate: MediaTime.videoRate, offset: offset(), start: kit.start)
        beats = MediaBeats(
            index,
            fps: kit.frames.fps,
            from: kit.start,
            grain: kit.loop.granularity,
            thinning: kit.thinning
        )
        slot = kit.loop.add(self)
    }

    /// What may be sent changed: begins at once with a key frame, then falls in with its beat.
    func allowed(_ right: MediaRight?) {
        guard let right, right.audio, right.video, !isOver else { return pause() }
        handle = right.handle
        guard !isSending else { return }
        isSending = true
        needsKey = true
        if let flood = kit.flood { return flood.join(self) }
        beats.beginNow(at: kit.loop.now)
        due(at: kit.loop.now, on: kit.loop)
    }

    /// The other side, or the server for it, wants a key frame: the next one of the loop.
    func keyFrameWanted() { needsKey = true }

    /// Sends nothing more.
    func end() {
        isOver = true
        pause()
    }

    /// A frame of a flood.
    func sendNext(at now: Moment) {
        if isSending { sendVoice(due: now, at: now) }
    }

    /// May send again, in a next call, as soon as it is allowed to.
    func again() { isOver = false }

    private func pause() {
        isSending = false
        kit.loop.arm(slot, at: nil)
    }
}

extension Party: EpollTimer {
    func due(at now: Moment, on loop: EpollLoop) {
        guard isSending else { return }
        while let due = beats.takeAudio(until: now) { sendVoice(due: due, at: now) }
        while let due = beats.takeVideo(until: now) { sendPicture(due: due, at: now) }
        // Sound is due every 20 ms, often enough to look whether a report is.
        if let report = maker.report(at: now) { sendReport(report, at: now) }
        loop.arm(slot, at: beats.next)
    }

    private func sendVoice(due: Moment, at now: Moment) {
        let timestamp = audio.timestamp(at: due)
        let header = MediaHeader(
            kind: .audio,
            sequence: audio.sequence,
            handle: handle,
            timestamp: timestamp
        )
        guard send(header, kit.frames.audio[voice].masked) else { return kit.measures.notSent() }
        audio.sent(due: due, timestamp: timestamp, index: voice)
        voice = (voice + 1) % kit.frames.audio.count
        leaves(due: due)
    }

    private func sendPicture(due: Moment, at now: Moment) {
        if needsKey { picture = kit.frames.key(from: picture) }
        let frame = kit.frames.video[picture]
        let timestamp = video.timestamp(at: due)
        let header = MediaHeader(
            kind: .video,
            flags: frame.isKey ? .key : [],
            sequence: video.sequence,
            handle: handle,
            timestamp: timestamp
        )
        guard send(header, frame.masked) else {
            needsKey = true
            return kit.measures.notSent()
        }
        needsKey = false
        video.sent(due: due, timestamp: timestamp, index: picture)
        picture = (picture + 1) % kit.frames.video.count
        leaves(due: due)
    }

    private func leaves(due: Moment) {
        leaving.append(due)
        kit.measures.sent(due: due)
    }

    /// The kernel has all that was sent.
    func left() {
        guard !leaving.isEmpty else { return }
        let now = EpollLoop.clock()
        for due in leaving { kit.measures.left(due: due, at: now) }
        leaving.removeAll(keepingCapacity: true)
    }

    private func sendReport(_ report: ReceiverReport, at now: Moment) {
        let timestamp = reports.timestamp(at: now)
        let header = MediaHeader(
            kind: .report,
            sequence: reports.sequence,
            handle: handle,
            timestamp: timestamp
        )
        guard send(header, PreparedPayload(report.payload)) else {
            return kit.measures.notSent()
        }
        reports.sent(due: now, timestamp: timestamp, index: -1)
    }
}
