// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// Media of more than one call at once, and frames that a slow reader loses.
@Suite struct MediaPortTests {
    private let start = Moment(nanoseconds: 1_000_000_000)

    private func port() -> MediaPort {
        MediaPort(sender: MediaSender(stamps: MediaStamps(start: start, offset: 1)))
    }

    private func header(
        _ handle: UInt32,
        _ sequence: UInt16,
        _ kind: MediaKind = .video,
        key: Bool = false
    ) -> MediaHeader {
        MediaHeader(
            kind: kind,
            flags: key ? .key : [],
            sequence: sequence,
            handle: handle,
            timestamp: UInt32(sequence) + 1
        )
    }

    private func arrives(_ port: inout MediaPort, _ header: MediaHeader, at now: Moment) -> Bool {
        let frame = header.frame([1, 2, 3])
        return frame.withUnsafeBytes { port.arrived($0, at: now) } == .deliver(header)
    }

    @Test func `a preview beside the talk breaks neither picture`() {
        var port = port()
        #expect(arrives(&port, header(1, 0, key: true), at: start))
        #expect(arrives(&port, header(2, 50, key: true), at: start))
        for step in 1...20 as ClosedRange<UInt16> {
            let now = start + .milliseconds(Int64(step) * 66)
            #expect(arrives(&port, header(1, step), at: now))
            #expect(arrives(&port, header(2, 50 + step), at: now))
        }
        #expect(port.due(at: start + .seconds(2)).keyFrame == nil)
    }

    @Test func `each sender gets reports of its own frames`() {
        var port = port()
        _ = arrives(&port, header(1, 7, key: true), at: start)
        _ = arrives(&port, header(2, 9, key: true), at: start)
        let reports = port.due(at: start + .milliseconds(250)).reports
        #expect(reports.map(\.header.handle) == [1, 2])
        #expect(reports.map(\.report.newestVideo) == [8, 10])
    }

    @Test func `key frames are asked for twice a second, of whomever`() {
        var port = port()
        // Nine numbers in turn, one more than are kept: each frame begins a new receiver.
        var asked = 0
        var now = start
        for step in 0..<300 {
            now = start + .milliseconds(Int64(step) * 10)
            _ = arrives(&port, header(UInt32(step % 9) + 1, UInt16(step)), at: now)
            if port.due(at: now).keyFrame != nil { asked += 1 }
        }
        #expect(asked == 6, "three seconds")
    }

    @Test func `two broken pictures are both asked for`() {
        var port = port()
        _ = arrives(&port, header(1, 0), at: start)
        _ = arrives(&port, header(2, 0), at: start)
        var asked: Set<UInt32> = []
        var now = start
        while let next = port.nextDeadline, next <= start + .seconds(1) {
            now = max(now, next)
            if let handle = port.due(at: now).keyFrame { asked.insert(handle) }
        }
        #expect(asked == [1, 2])
    }

    @Test func `a deadline is cleared by what it asks for`() {
        var port = port()
        _ = arrives(&port, header(1, 0), at: start)
        _ = arrives(&port, header(2, 0), at: start)
        var turns = 0
        while let next = port.nextDeadline, turns < 1_000 {
            _ = port.due(at: next)
            turns += 1
        }
        #expect(turns < 100, "five seconds after the last frame nothing is reported any more")
        #expect(port.nextDeadline == nil)
    }

    @Test func `what falls out of a slow reader's stream is the oldest frame`() {
        let outlet = FrameOutlet(capacity: 2)
        func offer(_ header: MediaHeader) -> MediaHeader? {
            outlet.offer(MediaFrame(header: header, payload: [1], arrived: start))
        }
        #expect(offer(header(1, 0)) == nil)
        #expect(offer(header(1, 1, .audio)) == nil)
        #expect(offer(header(1, 2, .audio)) == header(1, 0))
        #expect(offer(header(1, 3)) == header(1, 1, .audio))
    }

    @Test func `a picture that fell out is asked for again, a sound is not`() {
        var port = port()
        _ = arrives(&port, header(1, 0, key: true), at: start)
        port.fellOut(header(1, 0, .audio), at: start)
        #expect(port.due(at: start).keyFrame == nil)
        port.fellOut(header(1, 0), at: start)
        #expect(port.due(at: start).keyFrame == 1)
        #expect(!arrives(&port, header(1, 1), at: start), "useless without its reference")
        #expect(arrives(&port, header(1, 2, key: true), at: start))
    }

    @Test func `a decoder that was reset is that of one picture, or of each`() {
        var port = port()
        _ = arrives(&port, header(1, 0, key: true), at: start)
        _ = arrives(&port, header(2, 0, key: true), at: start)
        port.decoderLost(handle: 2, at: start)
        #expect(arrives(&port, header(1, 1), at: start))
        #expect(!arrives(&port, header(2, 1), at: start))
        port.decoderLost(handle: nil, at: start)
        #expect(!arrives(&port, header(1, 2), at: start))
    }

    @Test func `a call that ended is reported no longer`() {
        var port = port()
        _ = arrives(&port, header(1, 0, key: true), at: start)
        _ = arrives(&port, header(2, 0, key: true), at: start)
        port.take(.silence(handle: 1))
        #expect(port.due(at: start + .seconds(1)).reports.map(\.header.handle) == [2])
        port.take(.disconnected)
        #expect(port.nextDeadline == nil)
    }
}
