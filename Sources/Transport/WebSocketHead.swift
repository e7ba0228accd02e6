// SPDX-License-Identifier: Apache-2.0

/// The head of one frame of a client (RFC 6455 §5.2), as far as it has come.
package struct WebSocketHead: Equatable {
    /// What a frame is; other codes are reserved.
    package enum Kind: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        var isControl: Bool { rawValue >= 0x8 }
    }

    package let kind: Kind
    package let isFinal: Bool

    /// Bytes of the head, key included.
    package let size: Int

    /// Bytes of the payload, as the peer says: not negative.
    ///
    /// At most so many that ``size`` can be added; nobody takes as many.
    package let length: Int

    /// The mask, in the order of memory.
    package let key: UInt32

    package init(kind: Kind, isFinal: Bool, size: Int, length: Int, key: UInt32) {
        self.kind = kind
        self.isFinal = isFinal
        self.size = size
        self.length = length
        self.key = key
    }

    /// What the first bytes of a frame say.
    package enum Reading: Equatable {
        case head(WebSocketHead)

        /// So many bytes of the frame are needed to tell more.
        case needs(Int)

        /// Not a frame of a client: close with 1002.
        case fault
    }

    /// The longest head: two bytes, eight of length, four of key.
    package static let most = 14

    /// Reads the head of a masked frame.
    ///
    /// Refused are reserved bits and codes (no extension is ever agreed on), a frame without a
    /// mask (§5.1), a length that is not in its shortest form or beyond 63 bits, and a control
    /// frame that is longer than 125 bytes or a fragment (§5.5).
    @inline(__always)
    package static func read(_ bytes: UnsafeRawBufferPointer) -> Reading {
        guard bytes.count >= 2 else { return .needs(2) }
        let (first, second) = (bytes[0], bytes[1])
        guard first & 0x70 == 0, second & 0x80 != 0, let kind = Kind(rawValue: first & 0x0F)
        else { return .fault }
        let isFinal = first & 0x80 != 0
        var length = Int(second & 0x7F)
        if kind.isControl, !isFinal || length > 125 { return .fault }
        var size = 2
        if length == 126 {
            guard bytes.count >= 4 else { return .needs(8) }
            length = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            guard length >= 126 else { return .fault }
            size = 4
        } else if length == 127 {
            guard bytes.count >= 10 else { return .needs(14) }
            let wide = UInt64(
                bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self)
            )
            guard wide >= 65_536, wide <= UInt64(Int.max) else { return .fault }
            length = min(Int(wide), Int.max - most)
            size = 10
        }
        guard bytes.count >= size + 4 else { return .needs(size + 4) }
        return .head(
            WebSocketHead(
                kind: kind,
                isFinal: isFinal,
                size: size + 4,
                length: length,
                key: bytes.loadUnaligned(fromByteOffset: size, as: UInt32.self)
            )
        )
    }
}
