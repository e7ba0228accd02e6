// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleWire

/// Makes a receiver's report of what arrived, every 250 ms once anything did.
package struct ReportMaker: Sendable, Equatable {
    private let interval: Duration
    private var newestAudio: UInt32 = 0
    private var newestVideo: UInt32 = 0
    private var arrived: Moment?
    private var bytes = 0
    private var since: Moment?

    package init(interval: Duration = .milliseconds(250)) {
        self.interval = interval
    }

    /// When the next report is due; nil before anything arrived.
    package var nextDeadline: Moment? { since.map { $0 + interval } }

    /// A frame arrived.
    ///
    /// Within a kind frames arrive in their order, so the last is the newest,
    /// also when the sender began anew with other timestamps.
    package mutating func arrived(_ header: MediaHeader, bytes: Int, at now: Moment) {
        if header.kind == .audio {
            newestAudio = header.timestamp
        } else if header.kind == .video {
            newestVideo = header.timestamp
        } else {
            return
        }
        self.bytes &+= bytes
        arrived = now
        if since == nil { since = now }
    }

    /// The report, where one is due.
    package mutating func report(at now: Moment) -> ReceiverReport? {
        guard let since, let arrived, now - since >= interval else { return nil }
        defer {
            bytes = 0
            self.since = now
        }
        let passed = max(1, (now - since).milliseconds)
        let bits = Double(bytes) * 8_000 / Double(passed)
        return ReceiverReport(
            newestAudio: newestAudio,
            newestVideo: newestVideo,
            bitsPerSecond: UInt32(min(bits, 4_000_000_000)),
            arrival: arrived.wrappedMilliseconds
        )
    }
}
