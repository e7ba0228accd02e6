// SPDX-License-Identifier: Apache-2.0

import CVestibuleEpoll
import Foundation
import Glibc
import VestibuleBasics

/// Looks at the server every so often from a thread of its own: its memory, its descriptors, its
/// own figures.
///
/// A scrape blocks for a millisecond, which the generator's loop has not to give.
final class Sampler: Sendable {
    /// What stood there at one moment.
    struct Sample {
        /// Seconds since the run began, as all plots count them.
        let second: Double
        let resident: Int?
        let descriptors: Int?

        /// Nil where the server did not answer.
        let metrics: ServerMetrics?
    }

    private struct State {
        var samples: [Sample] = []
        var isWanted = true
        var isOver = false
    }

    private let state = Locked(State())

    /// Looks from now on; seconds count from `begin`.
    init(_ server: ServerUnderTest, every interval: Duration, since begin: Moment) {
        let (process, address) = (server.process, server.address)
        let thread = Thread { [state] in
            vestibule_give_way(1)
            while state.withLock({ $0.isWanted }) {
                let sample = Self.look(process, address, since: begin)
                state.withLock { $0.samples.append(sample) }
                Self.wait(interval) { state.withLock { $0.isWanted } }
            }
            state.withLock { $0.isOver = true }
        }
        thread.name = "sampler"
        thread.start()
    }

    deinit { state.withLock { $0.isWanted = false } }

    /// All samples so far.
    var samples: [Sample] { state.withLock { $0.samples } }

    /// Looks no more; what is under way ends by itself.
    func stop() { state.withLock { $0.isWanted = false } }

    /// Looks no more, and waits for what is under way, a tenth of a second and a scrape at most.
    func finish() {
        stop()
        let end = EpollLoop.clock() + .seconds(5)
        while !state.withLock({ $0.isOver }), EpollLoop.clock() < end { _ = poll(nil, 0, 5) }
    }

    private static func look(
        _ process: pid_t?,
        _ address: EpollAddress,
        since begin: Moment
    ) -> Sample {
        Sample(
            second: Double((EpollLoop.clock() - begin).nanoseconds) / 1e9,
            resident: process.flatMap { ProcessSize.resident($0) },
            descriptors: process.flatMap { ProcessSize.descriptors($0) },
            metrics: try? ServerMetrics(from: address)
        )
    }

    /// Waits in short pieces, so that an end is seen soon.
    private static func wait(_ time: Duration, while isWanted: () -> Bool) {
        let end = EpollLoop.clock() + time
        while isWanted(), EpollLoop.clock() < end {
            let left = min(100, max(1, (end - EpollLoop.clock()).milliseconds))
            _ = poll(nil, 0, Int32(left))
        }
    }
}

extension Sampler {
    /// A line of a plot from what the samples say.
    func series(
        _ name: String,
        plot: String,
        y: String,
        _ value: (Sample) -> Double?
    ) -> ExtraSeries {
        ExtraSeries(
            name: name,
            plot: plot,
            y: y,
            points: samples.compactMap { sample in
                value(sample).map { ExtraSeries.Point(sample.second, $0) }
            }
        )
    }
}
