// SPDX-License-Identifier: Apache-2.0

/// What a media frame carries: the low four bits of its first byte.
@frozen
public struct MediaKind: RawRepresentable, Sendable, Hashable {
    /// Four bits.
    public let rawValue: UInt8

    /// The kind of the low four bits of `rawValue`.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue & 0x0F
    }

    /// One Opus packet (RFC 6716).
    @inlinable public static var audio: MediaKind { MediaKind(rawValue: 0) }

    /// One VP8 frame (RFC 6386).
    @inlinable public static var video: MediaKind { MediaKind(rawValue: 1) }

    /// One VP8 key frame for the record.
    @inlinable public static var photo: MediaKind { MediaKind(rawValue: 2) }

    /// A ``ReceiverReport``.
    @inlinable public static var report: MediaKind { MediaKind(rawValue: 3) }

    /// One VP8 key frame to look for a QR code in.
    @inlinable public static var scan: MediaKind { MediaKind(rawValue: 4) }

    /// Nothing; never passed on.
    @inlinable public static var padding: MediaKind { MediaKind(rawValue: 15) }

    /// Whether this version has the kind; other frames are dropped and counted.
    @inlinable public var isKnown: Bool { rawValue <= 4 || rawValue == 15 }
}

/// The second byte of a media frame; bits of later versions are passed on as they are.
@frozen
public struct MediaFlags: OptionSet, Sendable, Hashable {
    /// All eight bits.
    public let rawValue: UInt8

    /// Takes all eight bits as they are.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The frame can be decoded without any before it.
    @inlinable public static var key: MediaFlags { MediaFlags(rawValue: 1) }

    /// Frames before this one were dropped on the way; the one bit that the server writes.
    @inlinable public static var dropped: MediaFlags { MediaFlags(rawValue: 2) }

    /// The payload is encrypted end to end.
    @inlinable public static var sealed: MediaFlags { MediaFlags(rawValue: 4) }
}

/// The twelve bytes before the payload of each media frame, in network byte order.
///
/// Reading and writing neither allocate nor throw: this is on the way of each frame.
@frozen
public struct MediaHeader: Sendable, Equatable {
    /// Bytes of a header.
    @inlinable public static var size: Int { 12 }

    /// The version that this code reads and writes.
    @inlinable public static var version: UInt8 { 1 }

    /// What the payload is.
    public var kind: MediaKind

    /// What is to know of it without looking in.
    public var flags: MediaFlags

    /// Counts per kind and sender, wraps.
    public var sequence: UInt16

    /// The call's or the photo's number; 0 for a scan.
    public var handle: UInt32

    /// 48 kHz for audio, 90 kHz for video; starts above 0, wraps.
    public var timestamp: UInt32

    /// A header with these fields.
    @inlinable
    public init(
        kind: MediaKind,
        flags: MediaFlags = [],
        sequence: UInt16,
        handle: UInt32,
        timestamp: UInt32
    ) {
        self.kind = kind
        self.flags = flags
        self.sequence = sequence
        self.handle = handle
        self.timestamp = timestamp
    }

    /// The header at the start of `bytes`; nil if they are too few or of another version.
    @inlinable
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= MediaHeader.size, bytes[0] >> 4 == MediaHeader.version else {
            return nil
        }
        kind = MediaKind(rawValue: bytes[0])
        flags = MediaFlags(rawValue: bytes[1])
        sequence = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        handle = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        timestamp = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    }

    /// Writes the header over the first ``size`` bytes of `bytes`, which must hold as many.
    @inlinable
    public func write(into bytes: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count >= MediaHeader.size, "a media header needs twelve bytes")
        bytes[0] = MediaHeader.version << 4 | kind.rawValue
        bytes[1] = flags.rawValue
        bytes.storeBytes(of: sequence.bigEndian, toByteOffset: 2, as: UInt16.self)
        bytes.storeBytes(of: handle.bigEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: timestamp.bigEndian, toByteOffset: 8, as: UInt32.self)
    }
}

extension MediaHeader {
    /// The whole frame: this header, then `payload`.
    ///
    /// For clients; the relay does not build frames.
    public func frame(_ payload: some Collection<UInt8>) -> [UInt8] {
        var frame = [UInt8](repeating: 0, count: MediaHeader.size)
        frame.reserveCapacity(MediaHeader.size + payload.count)
        frame.withUnsafeMutableBytes { write(into: $0) }
        frame.append(contentsOf: payload)
        return frame
    }

    /// What follows the header in `frame`, which must be at least as long as a header.
    @inlinable
    public static func payload(of frame: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: frame[MediaHeader.size...])
    }
}
