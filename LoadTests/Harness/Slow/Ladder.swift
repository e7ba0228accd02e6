// SPDX-License-Identifier: Apache-2.0

import VestibuleCodecs
import VestibuleSimulators

/// One picture encoded at several rates: what an encoder that adapts would have made, without
/// encoding while others are measured.
///
/// Nobody decodes it, so a change of rate needs no key frame, as it needs none of an encoder.
struct Ladder {
    /// A rung: a loop that begins with its only key frame.
    struct Level {
        let frames: [LoopFrame]

        /// What its inter frames take.
        let bitsPerSecond: Int
        let keyBytes: Int
    }

    /// The cheapest first.
    let levels: [Level]
    let fps: Int

    private static let seconds = 4

    /// Bytes of an inter frame and of a key frame.
    private static let rungs = [
        (250, 4_000), (400, 4_000), (650, 4_000), (1_000, 5_000), (1_400, 6_000), (1_900, 7_000),
        (2_600, 9_000), (3_400, 10_000), (4_096, 12_000),
    ]

    init() throws(CodecError) {
        var recipe = EncodedLoop.Recipe()
        recipe.seconds = Self.seconds
        recipe.keyEvery = Self.seconds
        recipe.width = 320
        recipe.height = 240
        fps = recipe.fps
        var levels: [Level] = []
        for (inter, key) in Self.rungs {
            recipe.interBytes = inter
            recipe.keyBytes = key
            levels.append(Self.level(try EncodedLoop(recipe)))
        }
        self.levels = levels
    }

    private static func level(_ loop: EncodedLoop) -> Level {
        let frames = loop.video.map { LoopFrame($0.bytes, isKey: $0.isKey) }
        let inter = frames.dropFirst()
        let bytes = inter.reduce(0) { $0 + $1.bytes.count }
        return Level(
            frames: frames,
            bitsPerSecond: bytes * 8 * loop.fps / max(1, inter.count),
            keyBytes: frames.first?.bytes.count ?? 0
        )
    }
}

/// Which frame of a ladder comes next: what an encoder is for that is told a rate and a bound.
package struct RungChooser {
    /// What is known of a rung.
    package struct Rung {
        let bitsPerSecond: Int
        let keyBytes: Int
        let count: Int

        package init(bitsPerSecond: Int, keyBytes: Int, count: Int) {
            self.bitsPerSecond = bitsPerSecond
            self.keyBytes = keyBytes
            self.count = count
        }
    }

    private let rungs: [Rung]
    private var next = 1

    /// The cheapest first; each a loop whose first frame is its only key frame.
    package init(_ rungs: [Rung]) { self.rungs = rungs }

    /// The frame to send: the dearest that the rate allows; a key frame only where one is owed.
    ///
    /// Video may take `bits` a second; where `isKeyWanted` a key frame is owed, of at most
    /// `mostKeyBytes`.
    package mutating func choose(
        bits: Int,
        isKeyWanted: Bool,
        mostKeyBytes: Int?
    ) -> (level: Int, index: Int) {
        let level = rungs.lastIndex { $0.bitsPerSecond <= bits } ?? 0
        guard !isKeyWanted else {
            let small = rungs.lastIndex { $0.keyBytes <= mostKeyBytes ?? .max } ?? 0
            return (min(level, small), 0)
        }
        defer { next += 1 }
        // Loops are of one length; their first frame is left out.
        return (level, 1 + (next - 1) % max(1, rungs[level].count - 1))
    }
}
