// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// How long people waited for what one board did for them; read by one hop a scrape.
package struct BoardTimes: Sendable, Equatable {
    /// A press, `call.start`, to `call.incoming` leaving for a device with a socket.
    ///
    /// The record in between is part of it. Not counted: groups that are rung later, and devices
    /// that a push wakes.
    package var ring = LatencyHistogram()

    /// `call.answer` to its good answer, on the loop of the call.
    package var answer = LatencyHistogram()

    /// An unlock or a tap to `door.open` leaving for the panel, its audit included.
    package var doorCommand = LatencyHistogram()

    /// An unlock or a tap to its result, the panel's own report and its record included.
    ///
    /// What was told `unknown` counts with the time at which it was told so, once.
    package var unlock = LatencyHistogram()

    package init() {}

    /// Adds what another board counted.
    package mutating func add(_ other: BoardTimes) {
        ring.add(other.ring)
        answer.add(other.answer)
        doorCommand.add(other.doorCommand)
        unlock.add(other.unlock)
    }
}
