// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleWire

/// A frame and what is wrong with it, nil where it is good.
struct FrameRow: Sendable, CustomStringConvertible {
    let description: String
    let frame: [UInt8]
    let fault: MediaFault?

    init(
        _ description: String,
        _ kind: MediaKind,
        flags: MediaFlags = [],
        handle: UInt32 = 7,
        _ payload: [UInt8],
        _ fault: MediaFault?
    ) {
        self.description = description
        let header = MediaHeader(
            kind: kind,
            flags: flags,
            sequence: 1,
            handle: handle,
            timestamp: 960
        )
        frame = header.frame(payload)
        self.fault = fault
    }
}

@Suite struct MediaFaultTests {
    static let opus: [UInt8] = [0xF8, 1, 2, 3]
    static let key = VideoRow.bytes(key: true, first: 4, rest: VideoRow.size)
    static let inter = VideoRow.bytes(key: false, first: 2, rest: [1, 2, 3])
    static let large = key + [UInt8](repeating: 0, count: 100_000)

    static let rows = [
        FrameRow("audio", .audio, opus, nil),
        FrameRow("audio after a drop", .audio, flags: .dropped, opus, nil),
        FrameRow("audio without payload", .audio, [], .short),
        FrameRow("audio without handle", .audio, handle: 0, opus, .handle),
        FrameRow("audio that is no Opus", .audio, [0xFB, 0], .audio),
        FrameRow("audio, sealed", .audio, flags: .sealed, [0xFB, 0], nil),
        FrameRow("sealed audio without payload", .audio, flags: .sealed, [], .short),
        FrameRow("an inter frame", .video, inter, nil),
        FrameRow("a key frame", .video, flags: .key, key, nil),
        FrameRow("a key frame that hides", .video, key, .keyFlag),
        FrameRow("an inter frame that boasts", .video, flags: .key, inter, .keyFlag),
        FrameRow("a bit of a later version", .video, flags: MediaFlags(rawValue: 0x80), inter, nil),
        FrameRow("video that is no VP8", .video, [1, 0], .video),
        FrameRow("video, sealed", .video, flags: .sealed, [1, 0], nil),
        FrameRow("video without handle", .video, handle: 0, inter, .handle),
        FrameRow("a photo", .photo, flags: .key, key, nil),
        FrameRow("a photo that is an inter frame", .photo, inter, .keyFlag),
        FrameRow("a sealed photo that is no key frame", .photo, flags: .sealed, [9], .keyFlag),
        FrameRow("a sealed photo", .photo, flags: [.sealed, .key], [9], nil),
        FrameRow("a scan", .scan, flags: .key, handle: 0, key, nil),
        FrameRow("a scan with a handle", .scan, flags: .key, key, .handle),
        FrameRow("a scan over the limit", .scan, flags: .key, handle: 0, large, .size),
        FrameRow("a report", .report, [UInt8](repeating: 0, count: 16), nil),
        FrameRow("a short report", .report, [UInt8](repeating: 0, count: 15), .report),
        FrameRow("a sealed report", .report, flags: .sealed, [9], .report),
        FrameRow("a report without handle", .report, handle: 0, [9], .handle),
        FrameRow("padding", .padding, handle: 0, [], nil),
        FrameRow("a kind of a later version", MediaKind(rawValue: 9), handle: 0, [1], nil),
    ]

    @Test(arguments: rows)
    func `a frame is checked against its header`(_ row: FrameRow) {
        let result = row.frame.withUnsafeBytes { inspectMedia($0) }
        if let fault = row.fault {
            #expect(result == .failure(fault))
        } else {
            #expect(result == .success(header(of: row)))
        }
    }

    @Test func `less than a header, or another version, is a fault`() {
        #expect(
            [UInt8](repeating: 0x11, count: 11).withUnsafeBytes(inspectMedia) == .failure(.short)
        )
        #expect(
            [UInt8](repeating: 0x21, count: 12).withUnsafeBytes(inspectMedia) == .failure(.version)
        )
    }

    private func header(of row: FrameRow) -> MediaHeader {
        guard let header = row.frame.withUnsafeBytes({ MediaHeader($0) }) else {
            preconditionFailure("a row's frame has a header")
        }
        return header
    }
}
