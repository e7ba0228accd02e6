// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// How far a receiver's reports are behind what was written to it.
///
/// The kernel hides a queue that the lanes do not see; the receiver's own words show it. Measured
/// from the oldest video that is written and not reported, so that a paused sender's first frames
/// are not taken for a queue, and so that a receiver that caught up is served again at once.
struct HoldBack {
    private var oldest: UInt32 = 0
    private var newest: UInt32 = 0
    private var newestHeld: UInt32 = 0
    private var isUnderWay = false

    /// Nanoseconds; long ago while it has not reported video.
    private var heededUntil = Int64.min
    private let age: Duration
    private let lag: Int32

    init(_ limits: MediaLimits) {
        age = limits.reportAge
        lag = Int32(clamping: limits.reportedLag.milliseconds * 90)
    }

    /// Video with this timestamp was written.
    @inline(__always)
    mutating func wrote(_ timestamp: UInt32) {
        if !isUnderWay {
            oldest = timestamp
            isUnderWay = true
        }
        newest = timestamp
    }

    /// The receiver reported this as its newest video (0: none yet).
    mutating func reported(_ timestamp: UInt32, at now: Moment) {
        guard timestamp != 0 else { return }
        heededUntil = (now + age).nanoseconds
        if Self.distance(from: timestamp, to: newest) <= 0 {
            isUnderWay = false
        } else if Self.distance(from: oldest, to: timestamp) > 0 {
            oldest = timestamp
        }
    }

    /// Whether video with this timestamp is too far ahead of a receiver that reports.
    @inline(__always)
    func holds(_ timestamp: UInt32, at now: Moment) -> Bool {
        guard isUnderWay, now.nanoseconds < heededUntil else { return false }
        return Self.distance(from: oldest, to: timestamp) > lag
    }

    /// Video with this timestamp was held back.
    mutating func held(_ timestamp: UInt32) { newestHeld = timestamp }

    /// Whether what was held back last would pass now.
    func isClear(at now: Moment) -> Bool { !holds(newestHeld, at: now) }

    /// From one timestamp of 90 kHz to another, over the wrap.
    private static func distance(from: UInt32, to: UInt32) -> Int32 {
        Int32(bitPattern: to &- from)
    }
}
