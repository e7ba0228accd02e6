// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleWire

/// An Opus packet and how long it lasts, nil where RFC 6716 §3.4 forbids it.
struct OpusRow: Sendable, CustomStringConvertible {
    let description: String
    let packet: [UInt8]
    let samples: Int?

    init(_ description: String, _ start: [UInt8], filledTo length: Int? = nil, _ samples: Int?) {
        self.description = description
        packet = start + [UInt8](repeating: 0x55, count: max(0, (length ?? 0) - start.count))
        self.samples = samples
    }
}

@Suite struct OpusTests {
    // 0xF8 is configuration 31: CELT, fullband, 20 ms; mono, code 0.
    static let oneAndTwo = [
        OpusRow("nothing", [], nil),
        OpusRow("DTX, one byte", [0xF8], 960),
        OpusRow("DTX, two bytes", [0xF8, 0xFF], 960),
        OpusRow("code 0, the largest frame", [0xF8], filledTo: 1276, 960),
        OpusRow("code 0, a byte more (R2)", [0xF8], filledTo: 1277, nil),
        OpusRow("code 1, two empty frames", [0xF9], 1920),
        OpusRow("code 1, two equal frames", [0xF9], filledTo: 81, 1920),
        OpusRow("code 1, an odd rest (R3)", [0xF9], filledTo: 82, nil),
        OpusRow("code 1, the largest frames", [0xF9], filledTo: 2551, 1920),
        OpusRow("code 1, two bytes more", [0xF9], filledTo: 2553, nil),
        OpusRow("code 2, no length (R4)", [0xFA], nil),
        OpusRow("code 2, both empty", [0xFA, 0], 1920),
        OpusRow("code 2, 10 and 9 bytes", [0xFA, 10], filledTo: 21, 1920),
        OpusRow("code 2, the first longer than the rest", [0xFA, 10], filledTo: 11, nil),
        OpusRow("code 2, half a length", [0xFA, 252], nil),
        OpusRow("code 2, 252 and 1 bytes", [0xFA, 252, 0], filledTo: 256, 1920),
        OpusRow("code 2, 1275 and 1275 bytes", [0xFA, 255, 255], filledTo: 2553, 1920),
        OpusRow("code 2, 1275 and 1276 bytes", [0xFA, 255, 255], filledTo: 2554, nil),
    ]

    static let many = [
        OpusRow("code 3, no count (R6)", [0xFB], nil),
        OpusRow("code 3, no frames (R5)", [0xFB, 0], nil),
        OpusRow("code 3, 6 × 20 ms", [0xFB, 6], filledTo: 62, 5760),
        OpusRow("code 3, 7 × 20 ms is over 120 ms (R5)", [0xFB, 7], filledTo: 72, nil),
        OpusRow("code 3, 48 × 2.5 ms", [0xE3, 48], 5760),
        OpusRow("code 3, 49 × 2.5 ms", [0xE3, 49], nil),
        OpusRow("code 3, 2 × 60 ms of SILK", [0x1B, 2], filledTo: 42, 5760),
        OpusRow("code 3, equal frames that do not divide (R6)", [0xFB, 3], filledTo: 10, nil),
        OpusRow("code 3, a frame too large", [0xFB, 1], filledTo: 1278, nil),
        OpusRow("code 3, padded", [0xFB, 0x42, 3], filledTo: 10, 1920),
        OpusRow("code 3, padded to the end", [0xFB, 0x42, 7], filledTo: 10, 1920),
        OpusRow("code 3, padded beyond the end (R6)", [0xFB, 0x42, 8], filledTo: 10, nil),
        OpusRow("code 3, no padding length", [0xFB, 0x42], nil),
        OpusRow("code 3, padding length without end", [0xFB, 0x42, 255], nil),
        OpusRow("code 3, 254 bytes of padding", [0xFB, 0x41, 255, 0], filledTo: 258, 960),
        OpusRow("code 3, 254 of 253 bytes", [0xFB, 0x41, 255, 0], filledTo: 257, nil),
        OpusRow("code 3, own lengths", [0xFB, 0x83, 2, 3], filledTo: 14, 2880),
        OpusRow("code 3, own lengths that fill it", [0xFB, 0x83, 5, 5], filledTo: 14, 2880),
        OpusRow("code 3, own lengths too long (R7)", [0xFB, 0x83, 5, 6], filledTo: 14, nil),
        OpusRow("code 3, lengths that are not there", [0xFB, 0x83, 0], nil),
        OpusRow("code 3, the last frame too large", [0xFB, 0x82, 0], filledTo: 1279, nil),
        OpusRow("code 3, padded, own lengths", [0xFB, 0xC2, 2, 3], filledTo: 12, 1920),
        OpusRow("code 3, padding over the last frame", [0xFB, 0xC2, 6, 3], filledTo: 12, nil),
    ]

    @Test(arguments: oneAndTwo + many)
    func `a packet is as long as its bytes say`(_ row: OpusRow) {
        #expect(row.packet.withUnsafeBytes { Opus.inspect($0) } == row.samples)
    }

    @Test func `frames last as RFC 6716 table 2 says`() {
        let silk = [480, 960, 1920, 2880]
        let celt = [120, 240, 480, 960]
        let table = silk + silk + silk + [480, 960] + [480, 960] + celt + celt + celt + celt
        for config in UInt8(0)..<32 {
            for stereo in UInt8(0)...1 {
                let packet = [config << 3 | stereo << 2, 0]
                let samples = packet.withUnsafeBytes { Opus.inspect($0) }
                #expect(samples == table[Int(config)])
            }
        }
    }
}
