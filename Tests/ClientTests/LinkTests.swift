// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// Sender and receiver over a link that queues what it cannot carry, as TCP does.
@Suite struct LinkTests {
    @Test func `on a good link the rate rises and video never stops`() {
        var link = Link(bits: 5_000_000)
        link.run(seconds: 60)
        #expect(link.sender.rate.estimate > 900_000)
        #expect(link.pauses == 0)
        #expect(link.worst(last: 30) < .milliseconds(60))
    }

    @Test func `on a narrow link the rate falls to what it carries`() {
        var link = Link(bits: 250_000)
        link.run(seconds: 90)
        #expect(link.sender.rate.estimate < 400_000)
        #expect(link.sender.rate.estimate >= 64_000)
        #expect(link.worst(last: 30) < .milliseconds(700))
        #expect(link.delivered(last: 30) > 200, "video still comes")
    }

    @Test func `when the link all but stops, video pauses and returns with a key frame`() {
        var link = Link(bits: 2_000_000)
        link.run(seconds: 10)
        link.bits = 40_000
        link.run(seconds: 5)
        #expect(link.pauses >= 1)
        #expect(link.sender.videoBits == 0)
        link.bits = 2_000_000
        let before = link.keys
        link.run(seconds: 10)
        #expect(link.sender.videoBits > 0)
        #expect(link.keys > before)
        #expect(link.undecodable == 0, "nothing is sent that could not be decoded")
    }

    @Test func `video comes back without any sound, also where its last frames were dropped`() {
        for losing in [0, 3, 1_000] {
            var link = Link(bits: 2_000_000)
            link.hasSound = false
            link.run(seconds: 10)
            link.bits = 40_000
            link.run(seconds: 5)
            #expect(link.sender.videoBits == 0)
            link.bits = 2_000_000
            link.losing = losing
            link.run(seconds: 4)
            link.losing = 0
            link.run(seconds: 6)
            #expect(link.sender.videoBits > 0, "\(losing) dropped")
            #expect(link.delivered(last: 2) > 20, "\(losing) dropped")
        }
    }

    @Test func `silence is not calm while anything is under way`() {
        var link = Link(bits: 2_000_000)
        link.hasSound = false
        link.run(seconds: 10)
        link.bits = 2_000
        link.run(seconds: 3)
        #expect(link.sender.videoBits == 0)
        #expect(link.pauses == 1)
    }

    @Test func `the receiver's clock may wrap and run fast or slow`() {
        for ppm in [-80, 80] as [Int64] {
            var link = Link(bits: 5_000_000)
            link.ppm = ppm
            link.run(seconds: 400)
            #expect(link.pauses == 0, "\(ppm) ppm")
            #expect(link.sender.rate.estimate > 600_000, "\(ppm) ppm")
        }
    }
}

/// A millisecond at a time: 50 audio and 15 video frames a second into a queue that drains at
/// `bits`, a receiver at its end, reports on a good way back.
private struct Link {
    struct Frame {
        var header: MediaHeader
        var bytes: Int
        var left: Double
        var sent: Moment
    }

    var bits: Double
    var ppm: Int64 = 0
    var hasSound = true

    /// The server drops this many of the next video frames, as it does where a link is slow.
    var losing = 0
    var sender: MediaSender
    var receiver = MediaReceiver()
    var pauses = 0
    var keys = 0
    var undecodable = 0
    private var now = Moment(nanoseconds: 4_294_900_000_000_000)
    private var queue: [Frame] = []
    private var arrivals: [(at: Moment, delay: Duration, isVideo: Bool)] = []
    private var tick = 0
    private var wasPaused = false

    init(bits: Double) {
        self.bits = bits
        sender = MediaSender(stamps: MediaStamps(start: now, offset: .max - 5_000))
        sender.allowed(
            MediaRight(
                call: Sample.call,
                handle: 77,
                audio: true,
                video: true,
                bitsPerSecond: 4_000_000
            )
        )
    }

    mutating func run(seconds: Int) {
        for _ in 0..<(seconds * 1_000) { step() }
    }

    func worst(last seconds: Int64) -> Duration {
        arrivals.filter { now - $0.at <= .seconds(seconds) }.map(\.delay).max() ?? .zero
    }

    func delivered(last seconds: Int64) -> Int {
        arrivals.filter { now - $0.at <= .seconds(seconds) && $0.isVideo }.count
    }

    private mutating func step() {
        now = now + .milliseconds(1)
        tick += 1
        if tick % 20 == 0, hasSound { sendAudio() }
        if tick % 66 == 0 { sendVideo() }
        drain()
        if let report = receiver.report(at: theirs) { sender.reported(report, at: now) }
        if receiver.shouldAsk(at: theirs) { sender.keyFrameWanted(maxBytes: nil) }
        if sender.rate.isVideoPaused, !wasPaused { pauses += 1 }
        wasPaused = sender.rate.isVideoPaused
    }

    private var theirs: Moment { now + .nanoseconds(now.nanoseconds / 1_000_000 * ppm) }

    private mutating func sendAudio() {
        let timestamp = sender.stamps.timestamp(.audio, at: now)
        guard let header = sender.audio(timestamp: timestamp, at: now) else { return }
        enqueue(header, 92)
    }

    private mutating func sendVideo() {
        let isKey = sender.demand != nil
        let bytes = max(200, sender.videoBits / 8 / 15) * (isKey ? 3 : 1)
        let timestamp = sender.stamps.timestamp(.video, at: now)
        guard
            let header = sender.video(
                isKey: isKey,
                bytes: bytes,
                timestamp: timestamp,
                at: now
            )
        else { return }
        if isKey { keys += 1 }
        enqueue(header, bytes + 12)
    }

    private mutating func enqueue(_ header: MediaHeader, _ bytes: Int) {
        queue.append(
            Frame(header: header, bytes: bytes, left: Double(bytes * 8), sent: now)
        )
    }

    private mutating func drain() {
        var budget = bits / 1_000
        while budget > 0, !queue.isEmpty {
            let used = min(budget, queue[0].left)
            queue[0].left -= used
            budget -= used
            guard queue[0].left <= 0 else { return }
            let frame = queue.removeFirst()
            let isVideo = frame.header.kind == .video
            if isVideo, losing > 0 {
                losing -= 1
                continue
            }
            arrivals.append((now, now - frame.sent, isVideo))
            let verdict = receiver.arrived(frame.header, bytes: frame.bytes, at: theirs)
            if verdict == .drop { undecodable += 1 }
        }
    }
}
