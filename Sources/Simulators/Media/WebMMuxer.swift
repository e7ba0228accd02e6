// SPDX-License-Identifier: Apache-2.0

import VestibuleCodecs

/// Writes a call's VP8 and Opus as a WebM file (RFC 9559), in memory and whole.
///
/// Sizes, duration, seek head and cues are known when the file is made, so any player can seek.
/// Frames may be added in any order; the file has them by time. Clusters last at most five seconds
/// and begin with a key frame where there is one. Video before the first key frame is left out,
/// because nothing could decode it.
package struct WebMMuxer: Sendable {
    private let size: WebM.Size?
    private let hasAudio: Bool
    private var frames: [WebM.Frame] = []

    /// A file without frames yet.
    ///
    /// - Parameters:
    ///   - size: pixels of the video, or nil for a file without.
    ///   - hasAudio: whether there is a track of 48 kHz mono Opus.
    package init(video size: WebM.Size?, hasAudio: Bool) {
        precondition(size != nil || hasAudio, "a file has at least one track")
        self.size = size
        self.hasAudio = hasAudio
    }

    /// Adds a frame; negative times count as zero.
    package mutating func add(_ frame: WebM.Frame) {
        precondition(
            frame.kind == .video ? size != nil : hasAudio,
            "a frame belongs to a track of the file"
        )
        var frame = frame
        frame.milliseconds = max(0, frame.milliseconds)
        frames.append(frame)
    }

    /// The file of all frames so far.
    package func file() -> [UInt8] {
        let clusters = clusters(of: playable())
        let info = info(lasting: clusters.map(\.end).max() ?? 0)
        let tracks = EBML.master(.tracks, trackEntries())
        // Positions take eight bytes each, so the head's length does not depend on them.
        let headLength = seekHead(info: 0, tracks: 0, cues: 0).count
        let infoPlace = headLength
        let tracksPlace = infoPlace + info.count
        var place = tracksPlace + tracks.count
        var cues: [[UInt8]] = []
        var body: [UInt8] = []
        for cluster in clusters {
            if let time = cluster.keyTime { cues.append(cue(at: time, place)) }
            body += cluster.bytes
            place += cluster.bytes.count
        }
        if cues.isEmpty, !clusters.isEmpty { cues = [cue(at: 0, tracksPlace + tracks.count)] }
        let head = seekHead(info: infoPlace, tracks: tracksPlace, cues: cues.isEmpty ? nil : place)
        let index = cues.isEmpty ? [] : EBML.master(.cues, cues)
        // The seek head has no entry for cues when there are none: fill the gap with a void.
        let gap = Self.void(headLength - head.count)
        return Self.header + EBML.master(.segment, [head, gap, info, tracks, body, index])
    }
}

extension WebMMuxer {
    /// A cluster ready to be written.
    private struct Cluster {
        var bytes: [UInt8]
        var end: Int
        var keyTime: Int?
    }

    private static let videoTrack: UInt8 = 1
    private static let audioTrack: UInt8 = 2
    private static let longest = 5_000

    private static let header = EBML.master(
        .ebml,
        [
            EBML.number(.ebmlVersion, 1), EBML.number(.ebmlReadVersion, 1),
            EBML.number(.ebmlMaxIDLength, 4), EBML.number(.ebmlMaxSizeLength, 8),
            EBML.text(.docType, "webm"), EBML.number(.docTypeVersion, 4),
            EBML.number(.docTypeReadVersion, 2),
        ]
    )

    private static func void(_ length: Int) -> [UInt8] {
        length < 2
            ? [] : [0xEC, 0x80 | UInt8(length - 2)] + [UInt8](repeating: 0, count: length - 2)
    }

    /// The frames by time, audio before video of the same time, from the first key frame on.
    private func playable() -> [WebM.Frame] {
        let ordered = frames.enumerated().sorted { left, right in
            let (one, other) = (left.element, right.element)
            guard one.milliseconds == other.milliseconds else {
                return one.milliseconds < other.milliseconds
            }
            guard one.kind == other.kind else { return one.kind == .audio }
            return left.offset < right.offset
        }
        var hasKey = false
        return ordered.map(\.element).filter { frame in
            hasKey = hasKey || (frame.kind == .video && frame.isKey)
            return frame.kind == .audio || hasKey
        }
    }

    private func clusters(of frames: [WebM.Frame]) -> [Cluster] {
        var groups: [[WebM.Frame]] = []
        var start = 0
        for frame in frames {
            let isKey = frame.kind == .video && frame.isKey
            if groups.isEmpty || isKey || frame.milliseconds - start >= Self.longest {
                groups.append([])
                start = frame.milliseconds
            }
            groups[groups.count - 1].append(frame)
        }
        return groups.compactMap(cluster)
    }

    private func cluster(of frames: [WebM.Frame]) -> Cluster? {
        guard let first = frames.first else { return nil }
        var children = [EBML.number(.timestamp, UInt64(first.milliseconds))]
        var end = 0
        for frame in frames {
            let offset = UInt16(frame.milliseconds - first.milliseconds)
            let track = frame.kind == .video ? Self.videoTrack : Self.audioTrack
            let isKey = frame.kind == .audio || frame.isKey
            let block = [
                0x80 | track, UInt8(offset >> 8), UInt8(offset & 0xFF), isKey ? 0x80 : 0,
            ]
            children.append(EBML.element(.simpleBlock, block + frame.bytes))
            end = max(end, frame.milliseconds + (frame.kind == .audio ? 20 : 66))
        }
        let isKey = first.kind == .video && first.isKey
        return Cluster(
            bytes: EBML.master(.cluster, children),
            end: end,
            keyTime: isKey ? first.milliseconds : nil
        )
    }

    private func info(lasting milliseconds: Int) -> [UInt8] {
        EBML.master(
            .info,
            [
                EBML.number(.timestampScale, 1_000_000),
                EBML.float(.duration, Double(milliseconds)),
                EBML.text(.muxingApp, "Vestibule"), EBML.text(.writingApp, "Vestibule"),
            ]
        )
    }

    private func trackEntries() -> [[UInt8]] {
        var entries: [[UInt8]] = []
        if let size {
            let pixels = [
                EBML.number(.pixelWidth, UInt64(size.width)),
                EBML.number(.pixelHeight, UInt64(size.height)),
            ]
            entries.append(
                entry(Self.videoTrack, type: 1, "V_VP8", [EBML.master(.video, pixels)])
            )
        }
        guard hasAudio else { return entries }
        let delay = UInt64(Voice.preSkip) * 1_000_000_000 / UInt64(Voice.rate)
        let sound = [
            EBML.float(.samplingFrequency, Double(Voice.rate)), EBML.number(.channels, 1),
        ]
        entries.append(
            entry(
                Self.audioTrack,
                type: 2,
                "A_OPUS",
                [
                    EBML.element(.codecPrivate, Self.opusHead), EBML.number(.codecDelay, delay),
                    EBML.number(.seekPreRoll, 80_000_000), EBML.master(.audio, sound),
                ]
            )
        )
        return entries
    }

    private func entry(
        _ number: UInt8,
        type: UInt64,
        _ codec: String,
        _ rest: [[UInt8]]
    ) -> [UInt8] {
        EBML.master(
            .trackEntry,
            [
                EBML.number(.trackNumber, UInt64(number)), EBML.number(.trackUID, UInt64(number)),
                EBML.number(.trackType, type), EBML.number(.flagLacing, 0),
                EBML.text(.codecID, codec),
            ] + rest
        )
    }

    /// RFC 7845 §5.1: version, channels, pre-skip, rate, gain, mapping; little-endian.
    private static let opusHead: [UInt8] =
        Array("OpusHead".utf8) + [1, 1]
        + [UInt8(Voice.preSkip & 0xFF), UInt8(Voice.preSkip >> 8)]
        + [0x80, 0xBB, 0, 0] + [0, 0] + [0]

    private func cue(at milliseconds: Int, _ place: Int) -> [UInt8] {
        let track = size == nil ? Self.audioTrack : Self.videoTrack
        let position = [
            EBML.number(.cueTrack, UInt64(track)),
            EBML.number(.cueClusterPosition, UInt64(place)),
        ]
        return EBML.master(
            .cuePoint,
            [
                EBML.number(.cueTime, UInt64(milliseconds)),
                EBML.master(.cueTrackPositions, position),
            ]
        )
    }

    /// Where the other parts begin, counted from the start of the segment's body.
    private func seekHead(info: Int, tracks: Int, cues: Int?) -> [UInt8] {
        var places: [(Element, Int)] = [(.info, info), (.tracks, tracks)]
        if let cues { places.append((.cues, cues)) }
        return EBML.master(
            .seekHead,
            places.map { element, place in
                EBML.master(
                    .seek,
                    [EBML.element(.seekID, element.bytes), EBML.fixed(.seekPosition, place)]
                )
            }
        )
    }
}
