// SPDX-License-Identifier: Apache-2.0

/// How the next key frame is to be made.
public struct KeyFrameDemand: Sendable, Equatable {
    /// The most bytes that it should have; nil where nobody named a bound.
    ///
    /// An encoder reaches it by lowering quality first, then size: a blurred face is known sooner
    /// than a small one. A larger frame is not sent, and asked for again; the third one goes as it
    /// is.
    public let maxBytes: Int?

    /// Made by clients, and by tests of what uses it.
    public init(maxBytes: Int?) {
        self.maxBytes = maxBytes
    }
}

/// What an encoder owes after `media.keyframe {maxBytes}`: a key frame that the receiver can take
/// in a quarter of a second.
///
/// It is owed until one was handed to the socket, not only made: a bound outlives a full socket.
package struct KeyFrameDuty: Sendable, Equatable {
    /// Larger ones in a row that are held back; the next goes as it is, because a large key frame
    /// passes once in two seconds, which is better than none.
    private static let patience = 2

    private var wanted: KeyFrameDemand?
    private var heldBack = 0

    package init() {}

    /// The key frame that is owed now, or nil.
    package var demand: KeyFrameDemand? { wanted }

    /// Somebody asks; requests that come together are one, and the smallest bound counts.
    package mutating func asked(maxBytes: Int? = nil) {
        if wanted == nil { heldBack = 0 }
        let bound = [wanted?.maxBytes, maxBytes.map { max(0, $0) }].compactMap { $0 }.min()
        wanted = KeyFrameDemand(maxBytes: bound)
    }

    /// Whether a key frame of this many bytes, asked for or not, is to be made again, smaller.
    package mutating func isTooLarge(bytes: Int) -> Bool {
        guard let bound = wanted?.maxBytes, bytes > bound, heldBack < Self.patience else {
            return false
        }
        heldBack += 1
        return true
    }

    /// A key frame was handed to the socket.
    package mutating func sent() {
        wanted = nil
        heldBack = 0
    }
}
