// SPDX-License-Identifier: Apache-2.0

/// The frame tag of a VP8 frame and, of a key frame, its size (RFC 6386 §9.1).
@frozen
public struct VP8Tag: Sendable, Equatable {
    /// Whether it can be decoded without any before it.
    public var isKey: Bool

    /// 0 to 3: which filters the decoder uses.
    public var version: UInt8

    /// Whether the frame is for showing.
    public var shown: Bool

    /// Bytes of the first partition.
    public var firstPartition: Int

    /// Pixels, without the scale; 0 for an inter frame.
    public var width: Int

    /// Pixels, without the scale; 0 for an inter frame.
    public var height: Int

    /// A tag with these fields.
    @inlinable
    public init(
        isKey: Bool,
        version: UInt8,
        shown: Bool,
        firstPartition: Int,
        width: Int = 0,
        height: Int = 0
    ) {
        self.isKey = isKey
        self.version = version
        self.shown = shown
        self.firstPartition = firstPartition
        self.width = width
        self.height = height
    }
}

/// Inspection of VP8 frames, without decoding them.
public enum VP8 {
    /// The tag of `frame`; nil if it is too short, of an unknown version, with a first partition
    /// longer than what follows, or a key frame without its start code or without a size.
    @inlinable
    public static func inspect(_ frame: UnsafeRawBufferPointer) -> VP8Tag? {
        guard frame.count >= 3 else { return nil }
        let bits = UInt32(frame[0]) | UInt32(frame[1]) << 8 | UInt32(frame[2]) << 16
        var tag = VP8Tag(
            isKey: bits & 1 == 0,
            version: UInt8(bits >> 1 & 7),
            shown: bits >> 4 & 1 == 1,
            firstPartition: Int(bits >> 5)
        )
        guard tag.version <= 3 else { return nil }
        guard tag.isKey else { return tag.firstPartition <= frame.count - 3 ? tag : nil }
        guard frame.count >= 10, frame[3] == 0x9D, frame[4] == 0x01, frame[5] == 0x2A,
            tag.firstPartition <= frame.count - 10
        else { return nil }
        tag.width = (Int(frame[6]) | Int(frame[7]) << 8) & 0x3FFF
        tag.height = (Int(frame[8]) | Int(frame[9]) << 8) & 0x3FFF
        return tag.width > 0 && tag.height > 0 ? tag : nil
    }
}
