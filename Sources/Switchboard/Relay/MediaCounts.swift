// SPDX-License-Identifier: Apache-2.0

/// What was received, passed on and dropped, and why; confined to one board, read by one hop a
/// scrape.
package struct MediaCounts: Sendable, Equatable {
    /// One number for each flow.
    package struct PerFlow: Sendable, Equatable {
        private var audio = 0
        private var video = 0
        private var report = 0
        private var other = 0

        /// The number of one flow.
        package subscript(flow: Flow) -> Int {
            @inline(__always) get {
                switch flow {
                case .audio: audio
                case .video: video
                case .report: report
                case .other: other
                }
            }
            @inline(__always) set {
                switch flow {
                case .audio: audio = newValue
                case .video: video = newValue
                case .report: report = newValue
                case .other: other = newValue
                }
            }
        }
    }

    /// What each frame counts: numbers only, so that counting needs no check of exclusive access.
    struct Tally: Sendable, Equatable {
        var received = PerFlow()
        var passed = PerFlow()
        var bytes = PerFlow()

        @inline(__always)
        mutating func pass(_ flow: Flow, _ size: Int) {
            passed[flow] &+= 1
            bytes[flow] &+= size
        }
    }

    /// Dropped frames by reason and flow; empty until the first, so that a quiet stream costs
    /// nothing.
    struct Drops: Sendable, Equatable {
        private var numbers: [Int] = []

        func callAsFunction(_ flow: Flow, _ reason: DropReason) -> Int {
            numbers.isEmpty ? 0 : numbers[Self.index(flow, reason)]
        }

        mutating func add(_ count: Int, _ flow: Flow, _ reason: DropReason) {
            if numbers.isEmpty {
                let size = Flow.allCases.count * DropReason.allCases.count
                numbers = [Int](repeating: 0, count: size)
            }
            numbers[Self.index(flow, reason)] += count
        }

        private static func index(_ flow: Flow, _ reason: DropReason) -> Int {
            Int(reason.rawValue) * Flow.allCases.count + Int(flow.rawValue)
        }
    }

    private var tally: Tally
    private var drops: Drops

    init(_ tally: Tally = Tally(), _ drops: Drops = Drops()) {
        self.tally = tally
        self.drops = drops
    }

    /// Nothing counted yet.
    package static var none: MediaCounts { MediaCounts() }

    /// Frames of `flow` that arrived here.
    package func received(_ flow: Flow) -> Int { tally.received[flow] }

    /// Frames of `flow` written to the receiver or, at the sender's end, passed on to somebody.
    package func passed(_ flow: Flow) -> Int { tally.passed[flow] }

    /// Bytes of those, with their headers.
    package func bytes(_ flow: Flow) -> Int { tally.bytes[flow] }

    /// Frames of `flow` dropped for `reason`.
    package func dropped(_ flow: Flow, _ reason: DropReason) -> Int { drops(flow, reason) }

    /// Frames of `flow` dropped for any reason.
    package func dropped(_ flow: Flow) -> Int {
        DropReason.allCases.reduce(0) { $0 + drops(flow, $1) }
    }

    /// Adds the counts of another stream or board.
    package mutating func add(_ other: MediaCounts) {
        for flow in Flow.allCases {
            tally.received[flow] += other.tally.received[flow]
            tally.passed[flow] += other.tally.passed[flow]
            tally.bytes[flow] += other.tally.bytes[flow]
            for reason in DropReason.allCases where other.drops(flow, reason) > 0 {
                drops.add(other.drops(flow, reason), flow, reason)
            }
        }
    }

    mutating func lose(_ flow: Flow, _ reason: DropReason, _ count: Int = 1) {
        tally.received[flow] += count
        drops.add(count, flow, reason)
    }
}
