// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
package import VestibuleClient
import VestibuleCodecs
import VestibuleImaging
import VestibuleWire

/// What one side of a call saw and heard, to be kept: a WebM with both tracks, and a snapshot.
///
/// It is of one call, and begins anew with the first frame of another one. Timestamps of sound and
/// picture count from unrelated beginnings, so each track is anchored at the arrival of its first
/// frame, and runs by its timestamps from there on.
package struct Recording: Sendable {
    /// Where a track begins: this timestamp is at that time of the recording.
    private struct Anchor: Sendable {
        let timestamp: UInt32
        let milliseconds: Int
    }

    private let mostBytes: Int
    private var bytes = 0
    private var frames: [WebM.Frame] = []
    private var anchors: [WebM.Kind: Anchor] = [:]
    private var lastKey: [UInt8]?
    private var handle: UInt32?
    private var began: Moment?

    /// Calls that were recorded before; what is still under way of them is left out.
    private var earlier: [UInt32] = []

    /// Media time may run apart from arrival by less than this; beyond it the sender began anew,
    /// from other timestamps.
    private static let leap = 5_000

    /// What a frame takes besides its payload.
    private static let overhead = 64

    /// An empty recording.
    ///
    /// - Parameter mostBytes: memory to spend; what comes when it is full is only counted as
    ///   ``leftOut``. 128 MB are half an hour of a good picture.
    package init(mostBytes: Int = 128_000_000) {
        self.mostBytes = mostBytes
    }

    /// Frames taken so far.
    package private(set) var pictures = 0
    package private(set) var packets = 0

    /// Frames for which there was no room.
    package private(set) var leftOut = 0

    /// Takes a received frame; other kinds than picture and sound are left out.
    package mutating func add(_ frame: MediaFrame) {
        guard let kind = WebM.Kind(frame.header.kind), isOfThisCall(frame) else { return }
        let isKey = kind == .audio || frame.header.flags.contains(.key)
        if kind == .video, isKey { lastKey = frame.payload }
        guard bytes + frame.payload.count + Self.overhead <= mostBytes else {
            leftOut += 1
            return
        }
        bytes += frame.payload.count + Self.overhead
        if kind == .video { pictures += 1 } else { packets += 1 }
        frames.append(
            WebM.Frame(
                kind: kind,
                milliseconds: time(of: frame, kind),
                isKey: isKey,
                bytes: frame.payload
            )
        )
    }

    /// Whether a frame belongs to the newest call; the first one of a newer call begins anew.
    private mutating func isOfThisCall(_ frame: MediaFrame) -> Bool {
        let number = frame.header.handle
        guard number != handle else { return true }
        guard !earlier.contains(number) else { return false }
        if let handle { earlier.append(handle) }
        if earlier.count > 16 { earlier.removeFirst() }
        let earlier = earlier
        self = Recording(mostBytes: mostBytes)
        self.earlier = earlier
        handle = number
        began = frame.arrived
        return true
    }

    /// When a frame is to be shown, from the start of the recording.
    private mutating func time(of frame: MediaFrame, _ kind: WebM.Kind) -> Int {
        let arrived = began.map { Int((frame.arrived - $0).milliseconds) } ?? 0
        if let anchor = anchors[kind] {
            let ticks = Int(Int32(bitPattern: frame.header.timestamp &- anchor.timestamp))
            let time = anchor.milliseconds + ticks * 1_000 / kind.rate
            if abs(time - arrived) < Self.leap { return max(0, time) }
        }
        anchors[kind] = Anchor(timestamp: frame.header.timestamp, milliseconds: arrived)
        return arrived
    }

    /// The whole recording as a WebM file.
    package func webM(width: Int, height: Int) -> [UInt8] {
        var muxer = WebMMuxer(video: WebM.Size(width: width, height: height), hasAudio: packets > 0)
        for frame in frames { muxer.add(frame) }
        return muxer.file()
    }

    /// The picture of the newest key frame as PNG, or nil where none was seen.
    package func snapshot() throws -> [UInt8]? {
        guard let lastKey, let picture = try VP8Decoder().decode(lastKey) else { return nil }
        return try PNG.encode(picture)
    }
}

extension WebM.Kind {
    fileprivate init?(_ kind: MediaKind) {
        switch kind {
        case .video: self = .video
        case .audio: self = .audio
        default: return nil
        }
    }

    /// Ticks of the wire's timestamps in a second.
    fileprivate var rate: Int { self == .video ? 90_000 : 48_000 }
}
