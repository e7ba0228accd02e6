// SPDX-License-Identifier: Apache-2.0

/// Mail that waits for a board, in order of posting.
///
/// Frames are bounded: a loop that stands still while another one relays to it must not fill the
/// memory. Signalling is bounded by what sessions may send.
package struct MailInbox: Sendable {
    private var waiting: [Mail] = []
    private var bytes = 0
    private let frameBytes: Int

    /// Where what is left of the frames beyond the bound waits, once there are any.
    private var overflow: Int?

    /// `frameBytes`: the most of media that waits.
    package init(frameBytes: Int) {
        self.frameBytes = frameBytes
    }

    /// Takes one piece of mail; answers whether it is the first, so that its reader must be woken.
    ///
    /// Beyond the bound frames are counted only, all in one piece of mail: their receivers count
    /// them as lost, say so by flag 2 and ask for a key frame.
    package mutating func add(_ mail: Mail) -> Bool {
        guard case .frames(let batch) = mail else {
            waiting.append(mail)
            return waiting.count == 1
        }
        if overflow == nil, bytes + batch.size <= frameBytes {
            bytes += batch.size
            waiting.append(mail)
        } else {
            overflowed(batch)
        }
        return waiting.count == 1
    }

    private mutating func overflowed(_ batch: FrameBatch) {
        if let overflow, case .frames(var left) = waiting[overflow] {
            waiting[overflow] = .restarting  // So that the batch is not copied.
            left.absorb(batch)
            waiting[overflow] = .frames(left)
        } else {
            var left = batch
            left.stripFrames()
            overflow = waiting.count
            waiting.append(.frames(left))
        }
    }

    /// Moves all that waits into an empty array, whose storage is used next.
    package mutating func take(into reading: inout [Mail]) {
        precondition(reading.isEmpty, "mail is read to its end before more is taken")
        swap(&waiting, &reading)
        bytes = 0
        overflow = nil
    }
}
