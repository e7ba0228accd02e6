// SPDX-License-Identifier: Apache-2.0

/// One encoded VP8 frame.
package struct EncodedFrame: Sendable, Equatable {
    /// The frame as it goes on the wire: raw VP8 (RFC 6386), no container.
    package let bytes: [UInt8]

    /// Whether decoding can start here.
    package let isKey: Bool

    package init(bytes: [UInt8], isKey: Bool) {
        self.bytes = bytes
        self.isKey = isKey
    }
}

/// Encodes the pictures of one camera to VP8 in real time.
///
/// Key frames come only when asked for (and at the start): the server asks when somebody needs one.
/// One user at a time, on a worker and never on an event loop: a 640×480 frame takes 3–9 ms.
package final class VP8Encoder {
    /// Quantizers the rate control may choose from: 0 is best, 63 worst.
    ///
    /// The default keeps a little quality even when bits are short; a range of one value fixes it.
    package var quantizers: ClosedRange<Int> = 2...58

    private let width: Int
    private let height: Int
    private let fps: Int
    private let mayDrop: Bool
    private var kilobits: Int
    private var engine: VP8Engine?

    /// How often the picture is halved before it is encoded; changes at key frames only.
    private var halvings = 0

    /// The encoder's own clock in 90 kHz ticks: rises strictly, whatever the timestamps do.
    private var clock: Int64 = 0
    private var lastTimestamp: UInt32?

    /// An encoder for pictures of one size.
    ///
    /// - Parameters:
    ///   - width: of every picture, 16 to 4,096.
    ///   - height: of every picture, 16 to 4,096.
    ///   - fps: pictures a second that the rate control reckons with.
    ///   - kilobits: kbit/s to aim at.
    ///   - mayDrop: whether a frame may be left out to keep the rate.
    /// - Throws: ``CodecError/unsupportedSize(width:height:)``.
    package init(
        width: Int,
        height: Int,
        fps: Int,
        kilobits: Int,
        mayDrop: Bool = true
    ) throws(CodecError) {
        precondition((1...120).contains(fps), "an encoder runs at 1 to 120 pictures a second")
        let sides = 16...VP8Decoder.mostPixels
        guard sides.contains(width), sides.contains(height) else {
            throw .unsupportedSize(width: width, height: height)
        }
        self.width = width
        self.height = height
        self.fps = fps
        self.mayDrop = mayDrop
        self.kilobits = Self.clamped(kilobits)
    }

    /// Aims at another rate from the next frame on.
    ///
    /// - Parameter kilobits: kbit/s; held between 10 and 20,000.
    package func setRate(kilobits: Int) {
        self.kilobits = Self.clamped(kilobits)
    }

    /// Encodes one picture.
    ///
    /// A key frame that would exceed `maxBytes` is encoded again at lower quality, then at half the
    /// size, and half of that; the size stays until the next key frame. Only what is still larger at
    /// 32 pixels and the worst quality exceeds the bound.
    ///
    /// - Parameters:
    ///   - picture: of the size the encoder was made for.
    ///   - timestamp: 90 kHz, may wrap.
    ///   - forceKey: makes this a key frame.
    ///   - maxBytes: most bytes if this is a key frame.
    /// - Returns: the frame, or nil when the encoder left it out to keep its rate; a key frame
    ///   never is.
    /// - Throws: ``CodecError/library(operation:code:)``.
    package func encode(
        _ picture: Picture,
        timestamp: UInt32,
        forceKey: Bool = false,
        maxBytes: Int? = nil
    ) throws(CodecError) -> EncodedFrame? {
        precondition(
            picture.width == width && picture.height == height,
            "an encoder takes pictures of the size it was made for"
        )
        advance(to: timestamp)
        guard let engine, !forceKey else { return try encodeKey(picture, maxBytes: maxBytes) }
        var picture = picture
        for _ in 0..<halvings { picture = picture.halved() }
        return try engine.encode(
            picture,
            time: clock,
            key: false,
            settings(for: picture, quantizers, maxBytes: nil)
        )
    }
}

extension VP8Encoder {
    private static func clamped(_ kilobits: Int) -> Int { min(max(kilobits, 10), 20_000) }

    private func advance(to timestamp: UInt32) {
        let step = lastTimestamp.map { Int64(Int32(bitPattern: timestamp &- $0)) } ?? 1
        clock += min(max(step, 1), 90_000)
        lastTimestamp = timestamp
    }

    private func settings(
        for picture: Picture,
        _ quantizers: ClosedRange<Int>,
        maxBytes: Int?
    ) -> VP8Engine.Settings {
        VP8Engine.Settings(
            width: picture.width,
            height: picture.height,
            fps: fps,
            kilobits: kilobits,
            quantizers: quantizers,
            mayDrop: mayDrop,
            keyBytes: maxBytes
        )
    }

    /// A key frame is complete in itself, so it may be tried again until it fits.
    private func encodeKey(
        _ original: Picture,
        maxBytes: Int?
    ) throws(CodecError) -> EncodedFrame {
        if halvings > 0 { engine = nil }
        halvings = 0
        var picture = original
        while true {
            for range in [quantizers, 40...40, 52...52, 63...63] {
                let frame = try tryKey(picture, range, maxBytes: maxBytes)
                guard let maxBytes, frame.bytes.count > maxBytes else { return frame }
                let isSmallest = min(picture.width, picture.height) <= 32
                if isSmallest, range.lowerBound == 63 { return frame }
                // A fresh engine: else the rate control would pay for frames thrown away, and
                // leave out those of the next seconds.
                engine = nil
            }
            picture = picture.halved()
            halvings += 1
        }
    }

    private func opened(_ settings: VP8Engine.Settings) throws(CodecError) -> VP8Engine {
        if let engine { return engine }
        let engine = try VP8Engine(settings)
        self.engine = engine
        return engine
    }

    private func tryKey(
        _ picture: Picture,
        _ quantizers: ClosedRange<Int>,
        maxBytes: Int?
    ) throws(CodecError) -> EncodedFrame {
        let settings = settings(for: picture, quantizers, maxBytes: maxBytes)
        let engine = try opened(settings)
        guard let frame = try engine.encode(picture, time: clock, key: true, settings), frame.isKey
        else { throw .library(operation: "key frame", code: 0) }
        return frame
    }
}
