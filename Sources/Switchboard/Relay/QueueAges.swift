// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// For how long frames waited here before they left, from their arrival to their write.
///
/// Only those that waited are counted one by one; the others are the rest of all that passed, so
/// that a frame that is written at once costs nothing. Not counted: frames that were dropped.
struct QueueAges: Sendable, Equatable {
    /// What was written at once, and around the 200 ms after which a frame is dropped.
    static let bounds: [Duration] = [
        .zero, .milliseconds(1), .microseconds(2_500), .milliseconds(5), .milliseconds(10),
        .milliseconds(25), .milliseconds(50), .milliseconds(100), .milliseconds(150),
        .milliseconds(200), .milliseconds(250), .milliseconds(500), .seconds(1),
    ]

    private var audio = LatencyHistogram(bounds: Self.bounds)
    private var video = LatencyHistogram(bounds: Self.bounds)
    private var report = LatencyHistogram(bounds: Self.bounds)

    /// A frame that is written after a wait.
    mutating func add(_ flow: Flow, _ nanoseconds: Int64) {
        switch flow {
        case .audio: audio.add(nanoseconds: nanoseconds)
        case .video: video.add(nanoseconds: nanoseconds)
        case .report: report.add(nanoseconds: nanoseconds)
        case .other: break
        }
    }

    /// The frames of `flow` that were written, `passed` in all.
    func times(_ flow: Flow, passed: Int) -> LatencyHistogram {
        var times: LatencyHistogram
        switch flow {
        case .audio: times = audio
        case .video: times = video
        case .report: times = report
        case .other: times = LatencyHistogram(bounds: Self.bounds)
        }
        times.add(instant: max(0, passed - times.count))
        return times
    }
}
