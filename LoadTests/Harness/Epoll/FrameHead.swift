// SPDX-License-Identifier: Apache-2.0

/// The first bytes of a WebSocket frame (RFC 6455 §5.2), as they come from a server.
struct FrameHead {
    let opcode: UInt8

    /// Bytes of the payload.
    let count: Int

    /// Bytes of the head itself.
    let size: Int

    /// Whether it is whole, masked or not as it must be, not compressed, and of a size that the
    /// protocol has.
    let isAllowed: Bool

    /// The most that a server sends in one frame.
    private static let most = 1024 * 1024

    /// The head at the start of `bytes`, with the key of a frame that is masked; nil while it is
    /// not all there.
    @inline(__always)
    init?(_ bytes: UnsafeRawBufferPointer, isMasked: Bool = false) {
        let key = isMasked ? 4 : 0
        guard bytes.count >= 2 + key else { return nil }
        let first = bytes[0]
        let short = Int(bytes[1] & 0x7F)
        opcode = first & 0x0F
        switch short {
        case 127:
            guard bytes.count >= 10 + key else { return nil }
            let long = UInt64(
                bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self)
            )
            count = Int(min(long, UInt64(Self.most + 1)))
            size = 10 + key
        case 126:
            guard bytes.count >= 4 + key else { return nil }
            count = Int(
                UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
            )
            size = 4 + key
        default:
            count = short
            size = 2 + key
        }
        let mark: UInt8 = isMasked ? 0x80 : 0
        isAllowed = first & 0xF0 == 0x80 && bytes[1] & 0x80 == mark && count <= Self.most
    }

    /// Bytes before the payload of a masked frame.
    @inline(__always)
    static func size(of count: Int) -> Int {
        count < 126 ? 6 : count <= 0xFFFF ? 8 : 14
    }

    /// Writes the head of a masked frame.
    @inline(__always)
    static func write(opcode: UInt8, count: Int, to place: UnsafeMutableRawPointer) {
        let size = size(of: count)
        place.storeBytes(of: 0x80 | opcode, as: UInt8.self)
        switch size {
        case 6: place.storeBytes(of: 0x80 | UInt8(count), toByteOffset: 1, as: UInt8.self)
        case 8:
            place.storeBytes(of: 0x80 | 126, toByteOffset: 1, as: UInt8.self)
            place.storeBytes(of: UInt16(count).bigEndian, toByteOffset: 2, as: UInt16.self)
        default:
            place.storeBytes(of: 0x80 | 127, toByteOffset: 1, as: UInt8.self)
            place.storeBytes(of: UInt64(count).bigEndian, toByteOffset: 2, as: UInt64.self)
        }
        for position in 0..<4 {
            place.storeBytes(
                of: FrameMask.byte(at: position),
                toByteOffset: size - 4 + position,
                as: UInt8.self
            )
        }
    }
}
