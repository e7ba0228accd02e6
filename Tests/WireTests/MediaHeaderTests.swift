// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleWire

@Suite struct MediaHeaderTests {
    static let header = MediaHeader(
        kind: .video,
        flags: [.key, .sealed],
        sequence: 0x0102,
        handle: 0x0304_0506,
        timestamp: 0x0708_090A
    )

    static let bytes: [UInt8] = [
        0x11, 0x05, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A,
    ]

    @Test func `a header is twelve bytes in network order`() {
        #expect(Self.header.frame([0xFF]) == Self.bytes + [0xFF])
        #expect(Self.bytes.withUnsafeBytes { MediaHeader($0) } == Self.header)
    }

    @Test func `every kind and flag survives, those of later versions too`() {
        for first in UInt8(0x10)...0x1F {
            for flags in UInt8.min...UInt8.max {
                let bytes = [first, flags] + Self.bytes.dropFirst(2)
                let header = bytes.withUnsafeBytes { MediaHeader($0) }
                #expect(header?.frame([]) == bytes)
                #expect(header?.kind.isKnown == [0, 1, 2, 3, 4, 15].contains(first & 15))
            }
        }
    }

    @Test func `a header cut short or of another version is none`() {
        for length in 0..<12 {
            #expect(Self.bytes.prefix(length).withUnsafeBytes { MediaHeader($0) } == nil)
        }
        for version in UInt8(0)...15 where version != 1 {
            let bytes = [version << 4 | 1] + Self.bytes.dropFirst()
            #expect(bytes.withUnsafeBytes { MediaHeader($0) } == nil)
        }
    }

    @Test func `a header is read at any address`() {
        for offset in 0..<8 {
            let bytes = [UInt8](repeating: 0xEE, count: offset) + Self.bytes
            let header = bytes.withUnsafeBytes {
                MediaHeader(UnsafeRawBufferPointer(rebasing: $0[offset...]))
            }
            #expect(header == Self.header)
        }
    }

    @Test func `timestamps and sequences are compared across the wrap`() {
        #expect(MediaTime.distance(from: UInt32.max - 9, to: 10) == 20)
        #expect(MediaTime.distance(from: UInt32(10), to: .max - 9) == -20)
        #expect(MediaTime.distance(from: UInt16.max, to: 0) == 1)
        #expect(MediaTime.distance(from: UInt16(5), to: 5) == 0)
        #expect(MediaTime.milliseconds(4800, rate: MediaTime.audioRate) == 100)
        #expect(MediaTime.milliseconds(-36_000, rate: MediaTime.videoRate) == -400)
        #expect(MediaTime.milliseconds(.min, rate: MediaTime.videoRate) == -23_860_929)
    }

    @Test func `a report is four numbers in network order`() {
        let report = ReceiverReport(
            newestAudio: 0x0102_0304,
            newestVideo: 0,
            bitsPerSecond: 64_000,
            arrival: 0xFFFF_FFFE
        )
        let bytes: [UInt8] = [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0xFA, 0, 0xFF, 0xFF, 0xFF, 0xFE]
        #expect(report.payload == bytes)
        #expect(bytes.withUnsafeBytes { ReceiverReport($0) } == report)
        #expect(bytes.dropLast().withUnsafeBytes { ReceiverReport($0) } == nil)
        #expect((bytes + [0]).withUnsafeBytes { ReceiverReport($0) } == nil)
    }
}
