// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// Frames out and in: numbers, key frames, drops.
@Suite struct MediaTests {
    private let start = Moment(nanoseconds: 1_000_000_000)

    private func sender(audio: Bool = true, video: Bool = true) -> MediaSender {
        var sender = MediaSender(stamps: MediaStamps(start: start, offset: 0))
        sender.allowed(
            MediaRight(
                call: Sample.call,
                handle: 77,
                audio: audio,
                video: video,
                bitsPerSecond: 4_000_000
            )
        )
        return sender
    }

    @Test func `sequences count per kind and wrap`() {
        var stamps = MediaStamps(start: start, offset: 1)
        for expected in 0...65_537 {
            let header = stamps.next(.audio, flags: [], handle: 77, timestamp: 5)
            if header.sequence != UInt16(truncatingIfNeeded: expected) {
                Issue.record("\(header.sequence) is not \(expected)")
                return
            }
        }
        #expect(stamps.next(.video, flags: .key, handle: 77, timestamp: 5).sequence == 0)
    }

    @Test func `timestamps start above zero, tick at 48 and 90 kHz, and wrap`() {
        let stamps = MediaStamps(start: start, offset: 0)
        #expect(stamps.timestamp(.audio, at: start) == 1)
        #expect(stamps.timestamp(.audio, at: start + .seconds(1)) == 48_001)
        #expect(stamps.timestamp(.video, at: start + .seconds(1)) == 90_001)
        let late = MediaStamps(start: start, offset: .max)
        #expect(late.timestamp(.audio, at: start + .seconds(1)) == 47_999)
        #expect(late.timestamp(.video, at: start + .milliseconds(0)) == .max)
    }

    @Test func `the first video frame is a key frame`() {
        var sender = sender()
        #expect(sender.demand != nil)
        #expect(sender.video(isKey: false, timestamp: 9, at: start) == nil)
        #expect(sender.dropped.awaitingKey == 1)
        let key = sender.video(isKey: true, timestamp: 9, at: start)
        #expect(key?.flags == [.key, .dropped])
        #expect(sender.video(isKey: false, timestamp: 10, at: start)?.flags == [])
    }

    @Test func `what may not be sent is not`() {
        var sender = sender(audio: false)
        #expect(sender.audio(timestamp: 9, at: start) == nil)
        sender.allowed(nil)
        #expect(sender.video(isKey: true, timestamp: 9, at: start) == nil)
        #expect(sender.videoBits == 0)
        #expect(sender.dropped.notAllowed == 2)
    }

    @Test func `a frame without room is dropped, said so, and followed by a key frame`() {
        var sender = sender()
        _ = sender.video(isKey: true, timestamp: 9, at: start)
        #expect(sender.video(isKey: false, timestamp: 10, hasRoom: false, at: start) == nil)
        #expect(sender.video(isKey: false, timestamp: 11, at: start) == nil)
        #expect(sender.demand != nil)
        #expect(sender.video(isKey: true, timestamp: 12, at: start)?.flags == [.key, .dropped])
        #expect(sender.audio(timestamp: 9, hasRoom: false, at: start) == nil)
        #expect(sender.audio(timestamp: 10, at: start)?.flags == .dropped)
    }

    @Test func `a key frame beyond its bound is asked for again, the third one goes`() {
        var sender = sender()
        sender.keyFrameWanted(maxBytes: 9_000)
        sender.keyFrameWanted(maxBytes: 5_000)
        sender.keyFrameWanted(maxBytes: nil)
        #expect(sender.demand == KeyFrameDemand(maxBytes: 5_000))
        func send(_ bytes: Int) -> MediaHeader? {
            sender.video(isKey: true, bytes: bytes, timestamp: 9, at: start)
        }
        #expect(send(6_000) == nil)
        #expect(send(5_001) == nil)
        #expect(sender.dropped.tooLarge == 2)
        #expect(sender.demand == KeyFrameDemand(maxBytes: 5_000))
        #expect(send(6_000)?.flags == [.key, .dropped])
        #expect(sender.demand == nil)
        sender.keyFrameWanted(maxBytes: 4_000)
        #expect(send(6_000) == nil, "each demand has its own tries")
        #expect(send(4_000) != nil)
    }

    @Test func `after a key frame that was held back no inter frame goes`() {
        var sender = sender()
        _ = sender.video(isKey: true, timestamp: 9, at: start)
        sender.keyFrameWanted(maxBytes: 1_000)
        #expect(sender.video(isKey: true, bytes: 2_000, timestamp: 10, at: start) == nil)
        #expect(sender.video(isKey: false, timestamp: 11, at: start) == nil)
    }

    @Test func `the bound of a key frame outlives a socket without room`() {
        var sender = sender()
        sender.keyFrameWanted(maxBytes: 5_000)
        let none = sender.video(
            isKey: true,
            bytes: 4_000,
            timestamp: 9,
            hasRoom: false,
            at: start
        )
        #expect(none == nil)
        #expect(sender.demand == KeyFrameDemand(maxBytes: 5_000))
    }

    @Test func `the next call begins with a clean link`() {
        var sender = sender()
        _ = sender.video(isKey: true, timestamp: 9, at: start)
        func report(_ timestamp: UInt32, delay: Int64) {
            _ = sender.audio(timestamp: timestamp, at: start)
            let report = ReceiverReport(
                newestAudio: timestamp,
                newestVideo: 9,
                bitsPerSecond: 70_000,
                arrival: (start + .milliseconds(delay)).wrappedMilliseconds
            )
            sender.reported(report, at: start)
        }
        report(1, delay: 0)
        report(2, delay: 900)
        sender.told(kilobits: 80)
        sender.keyFrameWanted(maxBytes: 4_000)
        #expect(sender.rate.isVideoPaused && sender.rate.estimate < 100_000)
        sender.allowed(nil)
        let next = MediaRight(
            call: Sample.otherCall,
            handle: 78,
            audio: true,
            video: true,
            bitsPerSecond: 4_000_000
        )
        sender.allowed(next)
        #expect(!sender.rate.isVideoPaused)
        #expect(sender.rate.allowed == 600_000)
        #expect(sender.demand == KeyFrameDemand(maxBytes: nil))
    }

    @Test func `a pause that no report can end is tried after six seconds`() {
        var port = MediaPort(sender: sender())
        func report(_ timestamp: UInt32, delay: Int64) {
            _ = port.sender.video(isKey: true, timestamp: timestamp, at: start)
            let report = ReceiverReport(
                newestAudio: 0,
                newestVideo: timestamp,
                bitsPerSecond: 0,
                arrival: (start + .milliseconds(delay)).wrappedMilliseconds
            )
            port.sender.reported(report, at: start)
        }
        report(1, delay: 0)
        report(2, delay: 900)
        #expect(port.sender.rate.isVideoPaused)
        #expect(port.nextDeadline == start + .seconds(6))
        _ = port.due(at: start + .seconds(6))
        #expect(!port.sender.rate.isVideoPaused)
        #expect(port.sender.demand != nil)
        #expect(port.nextDeadline == nil)
    }

    @Test func `the same call on another connection keeps its estimate, not its pause`() {
        var sender = sender()
        func report(_ timestamp: UInt32, delay: Int64) {
            _ = sender.audio(timestamp: timestamp, at: start)
            let report = ReceiverReport(
                newestAudio: timestamp,
                newestVideo: 0,
                bitsPerSecond: 0,
                arrival: (start + .milliseconds(delay)).wrappedMilliseconds
            )
            sender.reported(report, at: start)
        }
        report(1, delay: 0)
        report(2, delay: 900)
        let (right, estimate) = (sender.right, sender.rate.estimate)
        #expect(estimate < 600_000)
        sender.allowed(nil)
        sender.allowed(right)
        #expect(!sender.rate.isVideoPaused && sender.rate.estimate == estimate)
        #expect(sender.video(isKey: false, timestamp: 10, at: start) == nil)
        #expect(sender.demand != nil)
    }

    @Test func `a key frame is asked for at most twice a second and again after one`() {
        var wish = KeyFrameWish()
        #expect(wish.shouldAsk(at: start) == false)
        wish.lost(at: start)
        #expect(wish.shouldAsk(at: start) == true)
        #expect(wish.shouldAsk(at: start + .milliseconds(999)) == false)
        #expect(wish.shouldAsk(at: start + .milliseconds(1_000)) == true)
        wish.keyFrameArrived()
        #expect(wish.nextDeadline == nil)
        wish.lost(at: start + .milliseconds(1_100))
        #expect(wish.shouldAsk(at: start + .milliseconds(1_499)) == false)
        #expect(wish.shouldAsk(at: start + .milliseconds(1_500)) == true)
    }

    @Test func `a receiver drops what it cannot decode until a key frame comes`() {
        var receiver = MediaReceiver()
        func frame(_ sequence: UInt16, _ flags: MediaFlags = []) -> MediaHeader {
            MediaHeader(
                kind: .video,
                flags: flags,
                sequence: sequence,
                handle: 77,
                timestamp: 1
            )
        }
        #expect(receiver.arrived(frame(1), bytes: 10, at: start) == .drop)
        #expect(receiver.shouldAsk(at: start) == true)
        #expect(receiver.arrived(frame(2, .key), bytes: 10, at: start) == .deliver)
        #expect(receiver.arrived(frame(3), bytes: 10, at: start) == .deliver)
        #expect(receiver.arrived(frame(4, .dropped), bytes: 10, at: start) == .drop)
        #expect(receiver.arrived(frame(5, [.key, .dropped]), bytes: 10, at: start) == .deliver)
        #expect(receiver.arrived(frame(7), bytes: 10, at: start) == .drop, "6 is missing")
        #expect(receiver.undecodable == 3)
        let audio = MediaHeader(kind: .audio, sequence: 9, handle: 77, timestamp: 1)
        #expect(receiver.arrived(audio, bytes: 10, at: start) == .deliver)
    }

    @Test func `sound goes on while video is paused`() {
        var sender = sender()
        _ = sender.audio(timestamp: 960, at: start)
        let slow = ReceiverReport(
            newestAudio: 960,
            newestVideo: 0,
            bitsPerSecond: 0,
            arrival: 1_000
        )
        sender.reported(slow, at: start)
        _ = sender.audio(timestamp: 1_920, at: start)
        sender.reported(
            ReceiverReport(
                newestAudio: 1_920,
                newestVideo: 0,
                bitsPerSecond: 0,
                arrival: 2_000
            ),
            at: start
        )
        #expect(sender.rate.isVideoPaused)
        #expect(sender.video(isKey: true, timestamp: 9, at: start) == nil)
        #expect(sender.audio(timestamp: 2_880, at: start) != nil)
    }

    @Test func `video comes back with a key frame, also when nobody offered any meanwhile`() {
        var sender = sender()
        _ = sender.video(isKey: true, bytes: 100, timestamp: 9, at: start)
        #expect(sender.demand == nil)
        var now = start
        func report(_ timestamp: UInt32, delay: Int64) {
            _ = sender.audio(timestamp: timestamp, at: now)
            let arrival = (now + .milliseconds(delay)).wrappedMilliseconds
            sender.reported(
                ReceiverReport(
                    newestAudio: timestamp,
                    newestVideo: 9,
                    bitsPerSecond: 0,
                    arrival: arrival
                ),
                at: now
            )
            now = now + .milliseconds(250)
        }
        report(1, delay: 0)
        report(2, delay: 900)
        #expect(sender.videoBits == 0)
        for timestamp in 3...8 as ClosedRange<UInt32> { report(timestamp, delay: 0) }
        #expect(sender.videoBits > 0)
        #expect(sender.demand != nil)
        #expect(sender.video(isKey: false, timestamp: 10, at: now) == nil)
    }
}
