// SPDX-License-Identifier: Apache-2.0

/// Arithmetic on media timestamps and sequence numbers, which wrap (RFC 1982).
public enum MediaTime {
    /// Ticks a second of audio timestamps.
    public static let audioRate: UInt32 = 48_000

    /// Ticks a second of video timestamps.
    public static let videoRate: UInt32 = 90_000

    /// Ticks from `earlier` to `later`, negative where `later` is in truth the earlier one.
    @inlinable
    public static func distance(from earlier: UInt32, to later: UInt32) -> Int32 {
        Int32(bitPattern: later &- earlier)
    }

    /// The same for sequence numbers.
    @inlinable
    public static func distance(from earlier: UInt16, to later: UInt16) -> Int16 {
        Int16(bitPattern: later &- earlier)
    }

    /// Milliseconds that `ticks` last at `rate` ticks a second.
    @inlinable
    public static func milliseconds(_ ticks: Int32, rate: UInt32) -> Int {
        precondition(rate > 0, "a media clock ticks")
        return Int(ticks) * 1000 / Int(rate)
    }
}
