// SPDX-License-Identifier: Apache-2.0

/// Mail that waits for a board, in order of posting.
///
/// Frames are bounded: a loop that stands still while another one relays to it must not fill the
/// memory. Signalling is bounded by what sessions may send.
package struct MailInbox: Sendable {
    private var waiting: [Mail] = []
    private var bytes = 0
    private let frameBytes: Int

    /// What is left of the frames beyond the bound, once there are any.
    private var overflow: FrameBatch?

    /// `frameBytes`: the most of media that waits.
    package init(frameBytes: Int) {
        self.frameBytes = frameBytes
    }

    /// Takes one piece of mail; answers whether it is the first, so that its reader must be woken.
    ///
    /// Beyond the bound frames are counted only, all in one piece of mail behind the rest: their
    /// receivers count them as lost, say so by flag 2 and ask for a key frame.
    package mutating func add(_ mail: Mail) -> Bool {
        let isFirst = waiting.isEmpty && overflow == nil
        if case .frames(let batch) = mail, overflow != nil || bytes + batch.size > frameBytes {
            overflowed(batch)
        } else {
            if case .frames(let batch) = mail { bytes += batch.size }
            waiting.append(mail)
        }
        return isFirst
    }

    private mutating func overflowed(_ batch: FrameBatch) {
        if overflow == nil {
            overflow = batch
            overflow?.stripFrames()
        } else {
            overflow?.absorb(batch)
        }
    }

    /// Moves all that waits into an empty array, whose storage is used next.
    package mutating func take(into reading: inout [Mail]) {
        precondition(reading.isEmpty, "mail is read to its end before more is taken")
        swap(&waiting, &reading)
        if let overflow { reading.append(.frames(overflow)) }
        overflow = nil
        bytes = 0
    }
}
