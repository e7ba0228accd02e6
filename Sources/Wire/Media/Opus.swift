// SPDX-License-Identifier: Apache-2.0

/// Inspection of Opus packets (RFC 6716 §3), without decoding them.
public enum Opus {
    /// The most bytes of a frame (RFC 6716 §3.4, R2).
    @inlinable public static var largestFrame: Int { 1275 }

    /// The longest packet, 120 ms (R5), in samples at 48 kHz.
    @inlinable public static var longestPacket: Int { 5760 }

    /// The duration of a well-formed packet in samples at 48 kHz; nil if `packet` is malformed.
    ///
    /// Checks R1–R7 of RFC 6716 §3.4. A frame of no bytes is DTX or loss, and well-formed.
    @inlinable
    public static func inspect(_ packet: UnsafeRawBufferPointer) -> Int? {
        guard let toc = packet.first else { return nil }
        let frame = samplesPerFrame(config: toc >> 3)
        let rest = packet.count - 1
        switch toc & 3 {
        case 0: return rest <= largestFrame ? frame : nil
        case 1: return rest % 2 == 0 && rest / 2 <= largestFrame ? 2 * frame : nil
        case 2: return areTwoFrames(packet) ? 2 * frame : nil
        default: return inspectMany(packet, frame: frame)
        }
    }

    /// RFC 6716 §3.1, table 2: SILK, hybrid, CELT.
    @inlinable
    static func samplesPerFrame(config: UInt8) -> Int {
        switch config {
        case 0..<12: config & 3 == 3 ? 2880 : 480 << Int(config & 3)
        case 12..<16: 480 << Int(config & 1)
        default: 120 << Int(config & 3)
        }
    }

    /// Code 2 (§3.2.4): two frames, the first with its length.
    @inlinable
    static func areTwoFrames(_ packet: UnsafeRawBufferPointer) -> Bool {
        var position = 1
        guard let first = frameLength(packet, &position) else { return false }
        let second = packet.count - position - first
        return (0...largestFrame).contains(second)
    }

    /// Code 3 (§3.2.5): 1 to 48 frames, with padding perhaps, equal or with their lengths.
    @inlinable
    static func inspectMany(_ packet: UnsafeRawBufferPointer, frame: Int) -> Int? {
        guard packet.count >= 2 else { return nil }
        let count = Int(packet[1] & 0x3F)
        guard count > 0, count * frame <= longestPacket else { return nil }
        var position = 2
        guard let padding = packet[1] & 0x40 == 0 ? 0 : paddingLength(packet, &position) else {
            return nil
        }
        var rest = packet.count - position - padding
        guard rest >= 0 else { return nil }
        if packet[1] & 0x80 == 0 {
            return rest % count == 0 && rest / count <= largestFrame ? count * frame : nil
        }
        for _ in 1..<count {
            let start = position
            guard let length = frameLength(packet, &position) else { return nil }
            rest -= length + position - start
            guard rest >= 0 else { return nil }
        }
        return rest <= largestFrame ? count * frame : nil
    }

    /// A length of one or two bytes (§3.2.1); at most 1275 by its form.
    @inlinable
    static func frameLength(_ packet: UnsafeRawBufferPointer, _ position: inout Int) -> Int? {
        guard position < packet.count else { return nil }
        let first = Int(packet[position])
        position += 1
        guard first >= 252 else { return first }
        guard position < packet.count else { return nil }
        let second = Int(packet[position])
        position += 1
        return second * 4 + first
    }

    /// The bytes of padding at the end (§3.2.5): each 255 adds 254 and goes on.
    @inlinable
    static func paddingLength(_ packet: UnsafeRawBufferPointer, _ position: inout Int) -> Int? {
        var padding = 0
        while position < packet.count {
            let byte = packet[position]
            position += 1
            guard byte == 255 else { return padding + Int(byte) }
            padding += 254
        }
        return nil
    }
}
