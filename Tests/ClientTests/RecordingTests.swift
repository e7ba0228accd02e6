// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleSimulators
import VestibuleWire

/// A call that is kept: sound and picture belong together as they came.
@Suite struct RecordingTests {
    private let start = Moment(nanoseconds: 50_000_000_000)

    private func frame(
        _ kind: MediaKind,
        _ timestamp: UInt32,
        at milliseconds: Int64,
        handle: UInt32 = 77,
        key: Bool = false,
        _ payload: [UInt8] = [1, 2, 3]
    ) -> MediaFrame {
        let header = MediaHeader(
            kind: kind,
            flags: key ? .key : [],
            sequence: 0,
            handle: handle,
            timestamp: timestamp
        )
        return MediaFrame(
            header: header,
            payload: payload,
            arrived: start + .milliseconds(milliseconds)
        )
    }

    /// Video from the start, sound from `sound` ms on, both for a second.
    ///
    /// Each frame comes up to 40 ms late; timestamps count from unrelated beginnings, and wrap.
    private func record(_ recording: inout Recording, sound: Int64, handle: UInt32 = 77) {
        var random = SeededGenerator(seed: 13)
        var frames: [MediaFrame] = []
        func late(_ index: Int) -> Int64 {
            index == 0 ? 0 : Int64.random(in: 0...40, using: &random)
        }
        for index in 0..<15 {
            let timestamp = UInt32.max - 20_000 &+ UInt32(index * 6_000)
            let due = Int64(index * 1_000 / 15)
            frames.append(
                frame(.video, timestamp, at: due + late(index), handle: handle, key: index == 0)
            )
        }
        for index in 0..<50 {
            let due = sound + Int64(index * 20)
            let timestamp = UInt32(1_234_567 + index * 960)
            frames.append(frame(.audio, timestamp, at: due + late(index), handle: handle))
        }
        frames.sort { $0.arrived < $1.arrived }
        for frame in frames { recording.add(frame) }
    }

    private func times(_ recording: Recording, _ kind: WebM.Kind) throws -> [Int] {
        let file = try WebMReader(recording.webM(width: 640, height: 480))
        return file.frames.filter { $0.kind == kind }.map(\.milliseconds)
    }

    @Test(arguments: [0, 300, 1_200] as [Int64])
    func `sound after an early preview is where it was heard`(sound: Int64) throws {
        var recording = Recording()
        record(&recording, sound: sound)
        let (audio, video) = (try times(recording, .audio), try times(recording, .video))
        #expect(video == (0..<15).map { $0 * 6_000 * 1_000 / 90_000 })
        #expect(audio == (0..<50).map { Int(sound) + $0 * 20 }, "no jitter, and the offset")
        #expect((recording.pictures, recording.packets) == (15, 50))
    }

    @Test func `another call begins anew, and what is left of the first stays out`() throws {
        var recording = Recording()
        record(&recording, sound: 100)
        recording.add(frame(.audio, 40, at: 9_000, handle: 78))
        recording.add(frame(.audio, 99, at: 9_010, handle: 77))
        recording.add(frame(.video, 500, at: 9_050, handle: 78, key: true))
        #expect((recording.pictures, recording.packets) == (1, 1))
        #expect(try times(recording, .audio) == [0])
        #expect(try times(recording, .video) == [50])
    }

    @Test func `a sender that begins anew goes on where it came`() throws {
        var recording = Recording()
        recording.add(frame(.audio, 1_000, at: 0))
        recording.add(frame(.audio, 1_960, at: 20))
        recording.add(frame(.audio, 3_000_000_000, at: 8_000))
        recording.add(frame(.audio, 3_000_000_960, at: 8_020))
        #expect(try times(recording, .audio) == [0, 20, 8_000, 8_020])
    }

    @Test func `memory is bounded, and what is left out is counted`() throws {
        var recording = Recording(mostBytes: 10_000)
        for index in 0..<100 {
            let payload = [UInt8](repeating: 7, count: 936)
            recording.add(frame(.audio, UInt32(index * 960 + 1), at: Int64(index * 20), payload))
        }
        #expect(recording.packets == 10)
        #expect(recording.leftOut == 90)
        #expect(try times(recording, .audio).count == 10)
    }
}
