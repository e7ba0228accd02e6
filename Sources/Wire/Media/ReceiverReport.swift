// SPDX-License-Identifier: Apache-2.0

/// What a receiver tells a sender every 250 ms: four numbers in network byte order.
@frozen
public struct ReceiverReport: Sendable, Equatable {
    /// Bytes of a report's payload.
    @inlinable public static var size: Int { 16 }

    /// The newest audio timestamp received, 0 if none yet.
    public var newestAudio: UInt32

    /// The newest video timestamp received, 0 if none yet.
    public var newestVideo: UInt32

    /// What arrived since the last report, in bits a second.
    public var bitsPerSecond: UInt32

    /// When the later of the two newest arrived, in the receiver's monotonic milliseconds.
    public var arrival: UInt32

    /// States what was received.
    @inlinable
    public init(newestAudio: UInt32, newestVideo: UInt32, bitsPerSecond: UInt32, arrival: UInt32) {
        self.newestAudio = newestAudio
        self.newestVideo = newestVideo
        self.bitsPerSecond = bitsPerSecond
        self.arrival = arrival
    }

    /// The report that `payload` is; nil unless it has exactly ``size`` bytes.
    @inlinable
    public init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count == ReceiverReport.size else { return nil }
        newestAudio = UInt32(bigEndian: payload.loadUnaligned(as: UInt32.self))
        newestVideo = UInt32(bigEndian: payload.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        bitsPerSecond = UInt32(bigEndian: payload.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        arrival = UInt32(bigEndian: payload.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
    }

    /// Writes the report over the first ``size`` bytes of `bytes`, which must hold as many.
    @inlinable
    public func write(into bytes: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count >= ReceiverReport.size, "a report needs sixteen bytes")
        bytes.storeBytes(of: newestAudio.bigEndian, as: UInt32.self)
        bytes.storeBytes(of: newestVideo.bigEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: bitsPerSecond.bigEndian, toByteOffset: 8, as: UInt32.self)
        bytes.storeBytes(of: arrival.bigEndian, toByteOffset: 12, as: UInt32.self)
    }

    /// The report's payload.
    public var payload: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: ReceiverReport.size)
        bytes.withUnsafeMutableBytes { write(into: $0) }
        return bytes
    }
}
