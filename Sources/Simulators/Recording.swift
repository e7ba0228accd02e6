// SPDX-License-Identifier: Apache-2.0

package import VestibuleClient
import VestibuleCodecs
import VestibuleImaging
import VestibuleWire

/// What one side of a call saw and heard, to be kept: a WebM with both tracks, and a snapshot.
package struct Recording: Sendable {
    private var frames: [WebM.Frame] = []
    private var starts: [WebM.Kind: UInt32] = [:]
    private var firstKey: [UInt8]?
    private var lastKey: [UInt8]?

    package init() {}

    /// Frames taken so far.
    package private(set) var pictures = 0
    package private(set) var packets = 0

    /// Takes a received frame; other kinds than picture and sound are left out.
    package mutating func add(_ frame: MediaFrame) {
        let kind: WebM.Kind
        let rate: Int
        switch frame.header.kind {
        case .video: (kind, rate) = (.video, 90_000)
        case .audio: (kind, rate) = (.audio, 48_000)
        default: return
        }
        let start = starts[kind] ?? frame.header.timestamp
        starts[kind] = start
        let ticks = Int(frame.header.timestamp &- start)
        let isKey = kind == .audio || frame.header.flags.contains(.key)
        if kind == .video {
            pictures += 1
            if isKey {
                firstKey = firstKey ?? frame.payload
                lastKey = frame.payload
            }
        } else {
            packets += 1
        }
        frames.append(
            WebM.Frame(
                kind: kind,
                milliseconds: ticks * 1000 / rate,
                isKey: isKey,
                bytes: frame.payload
            )
        )
    }

    /// The whole recording as a WebM file.
    package func webM(width: Int, height: Int) -> [UInt8] {
        var muxer = WebMMuxer(video: WebM.Size(width: width, height: height), hasAudio: packets > 0)
        for frame in frames { muxer.add(frame) }
        return muxer.file()
    }

    /// The picture of the newest key frame as PNG, or nil where none was seen.
    package func snapshot() throws -> [UInt8]? {
        guard let key = lastKey ?? firstKey, let picture = try VP8Decoder().decode(key) else {
            return nil
        }
        return try PNG.encode(picture)
    }
}
