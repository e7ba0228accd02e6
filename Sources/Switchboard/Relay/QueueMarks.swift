// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// How large the queues of single receivers were: what is bounded for each of them.
///
/// Looked at when a frame joins a queue and when a queue is about to be written; a queue that
/// nothing joins grows older unseen, until then.
package struct QueueMarks: Sendable, Equatable {
    /// Bytes of media that waited for one receiver, in its lanes and in its transport, at most.
    package private(set) var bytes = 0

    /// How long the first byte of a frame waited in the lanes of one receiver, at most.
    package private(set) var age = Duration.zero

    package init() {}

    mutating func see(bytes: Int, oldest: Moment?, at now: Moment) {
        self.bytes = max(self.bytes, bytes)
        if let oldest { age = max(age, now - oldest) }
    }
}
