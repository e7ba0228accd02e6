// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleWire

/// The start of a VP8 frame and what its tag says, nil where it is refused.
struct VideoRow: Sendable, CustomStringConvertible {
    let description: String
    let frame: [UInt8]
    let tag: VP8Tag?

    init(_ description: String, _ frame: [UInt8], _ tag: VP8Tag?) {
        self.description = description
        self.frame = frame
        self.tag = tag
    }

    /// A tag of three bytes (RFC 6386 §9.1), then `rest`.
    static func bytes(
        key: Bool,
        version: UInt32 = 0,
        shown: Bool = true,
        first: UInt32,
        rest: [UInt8]
    ) -> [UInt8] {
        let bits = (key ? 0 : 1) | version << 1 | (shown ? 16 : 0) | first << 5
        return [UInt8(bits & 255), UInt8(bits >> 8 & 255), UInt8(bits >> 16)] + rest
    }

    /// Start code, 640 × 480 with a scale of 1 and 2, then ten bytes.
    static let size: [UInt8] =
        [0x9D, 0x01, 0x2A, 0x80, 0x42, 0xE0, 0x81] + [UInt8](repeating: 0, count: 10)
}

@Suite struct VideoTests {
    static let rows = [
        VideoRow("nothing", [], nil),
        VideoRow("two bytes", [1, 0], nil),
        VideoRow(
            "the least inter frame",
            VideoRow.bytes(key: false, first: 0, rest: []),
            VP8Tag(isKey: false, version: 0, shown: true, firstPartition: 0)
        ),
        VideoRow(
            "an inter frame, not shown, version 3",
            VideoRow.bytes(key: false, version: 3, shown: false, first: 2, rest: [0, 0]),
            VP8Tag(isKey: false, version: 3, shown: false, firstPartition: 2)
        ),
        VideoRow(
            "a first partition longer than the rest",
            VideoRow.bytes(key: false, first: 3, rest: [0, 0]),
            nil
        ),
        VideoRow("version 4", VideoRow.bytes(key: false, version: 4, first: 0, rest: []), nil),
        VideoRow(
            "a key frame of 640 × 480",
            VideoRow.bytes(key: true, first: 10, rest: VideoRow.size),
            VP8Tag(
                isKey: true,
                version: 0,
                shown: true,
                firstPartition: 10,
                width: 640,
                height: 480
            )
        ),
        VideoRow(
            "a key frame's first partition longer than the rest",
            VideoRow.bytes(key: true, first: 11, rest: VideoRow.size),
            nil
        ),
        VideoRow(
            "a key frame of nine bytes",
            VideoRow.bytes(key: true, first: 0, rest: Array(VideoRow.size.prefix(6))),
            nil
        ),
        VideoRow(
            "another start code",
            VideoRow.bytes(key: true, first: 0, rest: [0x9D, 0x01, 0x2B, 128, 2, 224, 1]),
            nil
        ),
        VideoRow(
            "no width",
            VideoRow.bytes(key: true, first: 0, rest: [0x9D, 0x01, 0x2A, 0, 0x40, 224, 1]),
            nil
        ),
        VideoRow(
            "no height",
            VideoRow.bytes(key: true, first: 0, rest: [0x9D, 0x01, 0x2A, 128, 2, 0, 0xC0]),
            nil
        ),
    ]

    @Test(arguments: rows)
    func `a tag says what RFC 6386 says`(_ row: VideoRow) {
        #expect(row.frame.withUnsafeBytes { VP8.inspect($0) } == row.tag)
    }

    @Test func `the largest first partition is nineteen bits`() {
        let rest = [UInt8](repeating: 0, count: 524_287)
        let frame = VideoRow.bytes(key: false, first: 524_287, rest: rest)
        #expect(frame.withUnsafeBytes { VP8.inspect($0) }?.firstPartition == 524_287)
        #expect(frame.dropLast().withUnsafeBytes { VP8.inspect($0) } == nil)
    }
}
