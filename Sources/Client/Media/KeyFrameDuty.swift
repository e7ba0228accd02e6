// SPDX-License-Identifier: Apache-2.0

/// How the next key frame is to be made.
public struct KeyFrameDemand: Sendable, Equatable {
    /// The most bytes that it should have; nil where nobody named a bound.
    public let maxBytes: Int?

    /// Steps of quality to go down, 0 to 3.
    public let quality: Int

    /// What to divide width and height by: 1, 2 or 4.
    public let shrink: Int

    /// Made by clients, and by tests of what uses it.
    public init(maxBytes: Int?, quality: Int, shrink: Int) {
        self.maxBytes = maxBytes
        self.quality = quality
        self.shrink = shrink
    }
}

/// What an encoder owes after `media.keyframe {maxBytes}`: a key frame that the receiver can take
/// in a quarter of a second, reached by lowering quality first, then size.
package struct KeyFrameDuty: Sendable, Equatable {
    /// What to do with the key frame that was made.
    package enum Verdict: Sendable, Equatable {
        case send

        /// It is too large: make it again by the new demand.
        case again(KeyFrameDemand)
    }

    /// Quality goes down in three steps before the picture is halved, then quartered: a blurred
    /// face is known sooner than a small one.
    private static let ladder: [(quality: Int, shrink: Int)] = [
        (0, 1), (1, 1), (2, 1), (3, 1), (3, 2), (3, 4),
    ]

    private var step = 0
    private var wanted: KeyFrameDemand?

    package init() {}

    /// The key frame that is owed now, or nil.
    package var demand: KeyFrameDemand? { wanted }

    /// Somebody asks; requests that come together are one, and the smallest bound counts.
    package mutating func asked(maxBytes: Int? = nil) {
        let bound = [wanted?.maxBytes, maxBytes.map { max(0, $0) }].compactMap { $0 }.min()
        if wanted == nil { step = max(0, step - 1) }
        wanted = demand(maxBytes: bound)
    }

    /// A key frame of this many bytes was made, whether asked for or not.
    package mutating func made(bytes: Int) -> Verdict {
        guard let bound = wanted?.maxBytes, bytes > bound, step < Self.ladder.count - 1 else {
            // The last step is sent as it is: a large key frame passes once in two seconds,
            // which is better than none.
            wanted = nil
            return .send
        }
        step += 1
        let next = demand(maxBytes: bound)
        wanted = next
        return .again(next)
    }

    private func demand(maxBytes: Int?) -> KeyFrameDemand {
        let (quality, shrink) = Self.ladder[step]
        return KeyFrameDemand(maxBytes: maxBytes, quality: quality, shrink: shrink)
    }
}
