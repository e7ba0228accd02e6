// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
package import VestibuleWire

/// What flows between the two ends of a call, each with an order of its own.
package enum Flow: UInt8, CaseIterable, Sendable {
    case audio
    case video

    /// Receiver reports; they travel with the audio.
    case report

    /// Everything that is not relayed: padding, photos, scans, kinds of a later version.
    case other

    /// This flow's bit in a set of flows.
    var bit: UInt8 { 1 << rawValue }
}

/// Why a frame was not passed on; each is counted under its flow.
package enum DropReason: UInt8, CaseIterable, Sendable {
    case padding
    case unknownKind

    /// A kind that this server does not serve.
    case unsupported

    /// The call is not active, ended, or it is not this sender's turn.
    case outOfPlace

    /// Malformed, or with a handle never given to this session.
    case fault

    /// Over the frames or bits a second of a session.
    case overBudget

    /// Over the bits a second of a ringing call's picture.
    case overPictureBudget

    /// Nobody is there to receive it: not answered yet, or the other's socket is away.
    case nobody

    /// An inter frame without the key frame before it.
    case awaitingKey

    /// A key frame larger than the receiver takes in a moment, too soon after another.
    case largeKey

    /// The receiver is too slow for any video: sound would wait too long behind it.
    case slowLink

    /// The receiver reported that it is too far behind.
    case heldBack

    /// It waited for its first byte too long.
    case expired

    /// The receiver's lanes were full.
    case laneFull

    /// The call, or this part in it, ended while it waited.
    case ended

    /// Lost between two loops.
    case betweenBoards
}

/// What became of a received frame.
package enum FrameVerdict: Sendable, Equatable {
    case passed

    /// Not passed on, and nobody's fault: links are slow.
    case dropped(DropReason)

    /// Over the budget of the session: `rate_limited`, then 4429.
    case overBudget

    /// The sender's fault; the fiftieth in 10 s closes its socket (1008).
    case fault(FrameFault)
}

/// What can be wrong with a frame.
package enum FrameFault: Sendable, Equatable {
    /// Not what its header says, or no header.
    case malformed(MediaFault)

    /// A handle that was never given to this session.
    case handle
}

/// One direction's end of a call: what the party sends (a ``Route``) or receives (an ``Outlet``).
///
/// Both numbers are known to every board that has to do with the call, so boards need not ask each
/// other before frames flow.
package struct RelayPort: Hashable, Sendable {
    /// The call's handle.
    package let handle: UInt32

    /// Numbers the parties of the call as its owner likes, the same on every board.
    package let party: UInt32

    package init(handle: UInt32, party: UInt32) {
        self.handle = handle
        self.party = party
    }
}

/// Where a party of a call is.
package struct RelayPlace: Hashable, Sendable {
    package let board: BoardIndex
    package let party: UInt32

    package init(board: BoardIndex, party: UInt32) {
        self.board = board
        self.party = party
    }
}

/// What the relay wants to be said or done; taken by the board after each turn.
package enum RelayNote {
    /// `media.keyframe` to the sender on this line.
    case askKeyFrame(Line, handle: UInt32, maxBytes: Int)

    /// `media.rate` to the sender on this line.
    case rate(Line, handle: UInt32, kilobits: Int)

    /// The receiver took no signalling for too long, or more waits than may: close it (4408).
    case stalled(Line)
}

/// A frame on its way through one board; its bytes are borrowed for the turn.
struct MediaFrame {
    let bytes: UnsafeRawBufferPointer
    let flow: Flow

    /// Byte 1 as it is to be written.
    var flags: UInt8
    let timestamp: UInt32

    /// When the server received it, on whichever board.
    let arrival: Moment

    static let keyFlag: UInt8 = 1
    static let droppedFlag: UInt8 = 2

    var isKey: Bool { flags & Self.keyFlag != 0 }
    var isInter: Bool { flow == .video && !isKey }
}
