// SPDX-License-Identifier: Apache-2.0

/// The one masking key of the generator (RFC 6455 §5.3).
///
/// A client must mask, and with a key that an intermediary cannot foresee. A load generator has no
/// intermediary to protect, so it masks each payload once, when it is prepared, and sends it many
/// times. The key is not zero: a server may skip unmasking for zero, and would look faster than it
/// is for real clients.
enum FrameMask {
    static let key: (UInt8, UInt8, UInt8, UInt8) = (0x5A, 0xC3, 0x3C, 0xA5)

    /// Masks `count` bytes in place; the first one is at `phase` within the message.
    @inline(__always)
    static func apply(to bytes: UnsafeMutableRawPointer, count: Int, phase: Int = 0) {
        var index = 0
        var word: UInt64 = 0
        for position in 0..<8 {
            word |= UInt64(byte(at: phase + position)) << UInt64(position * 8)
        }
        while index + 8 <= count {
            let value = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            bytes.storeBytes(of: value ^ word, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < count {
            let value = bytes.load(fromByteOffset: index, as: UInt8.self)
            bytes.storeBytes(
                of: value ^ byte(at: phase + index),
                toByteOffset: index,
                as: UInt8.self
            )
            index += 1
        }
    }

    /// Whether the four bytes before `end` are the key.
    static func isKey(before end: UnsafeRawPointer) -> Bool {
        (0..<4).allSatisfy { end.load(fromByteOffset: $0 - 4, as: UInt8.self) == byte(at: $0) }
    }

    @inline(__always)
    static func byte(at position: Int) -> UInt8 {
        switch position & 3 {
        case 0: key.0
        case 1: key.1
        case 2: key.2
        default: key.3
        }
    }
}

/// A media payload masked once, to be sent behind any number of headers.
///
/// The media header before it has 12 bytes, a multiple of the key's length, so the payload's mask
/// begins with the key's first byte whatever the header says.
package final class PreparedPayload {
    let masked: UnsafeMutableRawBufferPointer

    package init(_ payload: some Collection<UInt8>) {
        masked = .allocate(byteCount: payload.count, alignment: 8)
        masked.copyBytes(from: payload)
        if let base = masked.baseAddress { FrameMask.apply(to: base, count: masked.count) }
    }

    deinit { masked.deallocate() }

    var count: Int { masked.count }
}
