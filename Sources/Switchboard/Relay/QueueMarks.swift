// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// How large the queues of single receivers were: what is bounded for each of them.
///
/// Looked at when a frame joins a queue and when a queue is about to be written; a queue that
/// nothing joins grows older unseen, until then.
package struct QueueMarks: Sendable, Equatable {
    /// Bytes of media that waited for one receiver, in its lanes and in its transport.
    package private(set) var bytes = RecentMost()

    /// Nanoseconds for which the oldest of that waited: a frame in the lanes for its first byte,
    /// the rest of a write for the kernel.
    package private(set) var age = RecentMost()

    package init() {}

    mutating func see(bytes: Int, oldest: Moment?, at now: Moment) {
        self.bytes.see(Int64(bytes), at: now)
        if let oldest { age.see((now - oldest).nanoseconds, at: now) }
    }
}
