// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport

/// The frames that we write ourselves (RFC 6455 §5.2), so that one turn's output to a peer is one
/// write.
enum WebSocketFrame {
    static let text: UInt8 = 0x81
    static let binary: UInt8 = 0x82
    static let close: UInt8 = 0x88
    static let ping: UInt8 = 0x89
    static let pong: UInt8 = 0x8A

    /// Appends the header of an unmasked frame and says where its `length` bytes go.
    @inline(__always)
    static func append(
        _ kind: UInt8,
        length: Int,
        to buffer: ByteBuffer
    ) -> UnsafeMutableRawPointer {
        let header = length < 126 ? 2 : length < 65_536 ? 4 : 10
        let place = buffer.grow(by: header + length)
        writeHeader(kind, length: length, mask: 0, at: place)
        return place + header
    }

    /// Appends the header of a masked frame; the caller masks what it writes there.
    static func appendMasked(
        _ kind: UInt8,
        length: Int,
        key: UInt32,
        to buffer: ByteBuffer
    ) -> UnsafeMutableRawPointer {
        let header = length < 126 ? 2 : length < 65_536 ? 4 : 10
        let place = buffer.grow(by: header + 4 + length)
        writeHeader(kind, length: length, mask: 0x80, at: place)
        (place + header).storeBytes(of: key, as: UInt32.self)
        return place + header + 4
    }

    @inline(__always)
    private static func writeHeader(
        _ kind: UInt8,
        length: Int,
        mask: UInt8,
        at place: UnsafeMutableRawPointer
    ) {
        place.storeBytes(of: kind, as: UInt8.self)
        if length < 126 {
            place.storeBytes(of: UInt8(length) | mask, toByteOffset: 1, as: UInt8.self)
        } else if length < 65_536 {
            place.storeBytes(of: 126 | mask, toByteOffset: 1, as: UInt8.self)
            place.storeBytes(of: UInt16(length).bigEndian, toByteOffset: 2, as: UInt16.self)
        } else {
            place.storeBytes(of: 127 | mask, toByteOffset: 1, as: UInt8.self)
            place.storeBytes(of: UInt64(length).bigEndian, toByteOffset: 2, as: UInt64.self)
        }
    }

    /// Masks `length` bytes in place, eight at a time.
    static func mask(_ bytes: UnsafeMutableRawPointer, length: Int, key: UInt32) {
        let wide = UInt64(key) << 32 | UInt64(key)
        var offset = 0
        while offset + 8 <= length {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            bytes.storeBytes(of: word ^ wide, toByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        var rest = wide
        while offset < length {
            let byte = bytes.load(fromByteOffset: offset, as: UInt8.self)
            bytes.storeBytes(
                of: byte ^ UInt8(truncatingIfNeeded: rest),
                toByteOffset: offset,
                as: UInt8.self
            )
            rest >>= 8
            offset += 1
        }
    }
}

/// Mask keys, which RFC 6455 §5.3 wants unpredictable, drawn from the system a page at a time.
struct MaskKeys {
    private var words: [UInt32] = []

    mutating func next() -> UInt32 {
        if let word = words.popLast() { return word }
        words = [UInt32](repeating: 0, count: 256)
        words.withUnsafeMutableBytes { bytes in
            let filled = vestibule_random(bytes.baseAddress, bytes.count)
            precondition(filled == 1, "The system has no random bytes")
        }
        return words.removeLast()
    }
}
