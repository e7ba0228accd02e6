// SPDX-License-Identifier: Apache-2.0

package import VestibuleAccessCore
package import VestibuleBasics
package import VestibuleStorage

/// A small building that follows wholly from a seed.
///
/// Its tokens are no secrets and its hashes no SHA-256, so that tests of the core need no
/// cryptography: ``hash(_:)`` makes them, and whoever stands in for the server's log-in uses the
/// same.
package struct SeededBuilding: Sendable {
    package let rows: DirectoryRows

    /// The tokens in plain.
    package let tokens: [Principal: String]

    /// Makes the building of a seed.
    package init(
        seed: UInt64,
        shape: BuildingShape = BuildingShape(),
        at time: Timestamp = Timestamp(milliseconds: 1_800_000_000_000)
    ) {
        var random = SeededGenerator(seed: seed)
        self.init(shape: shape, at: time, using: &random)
    }

    /// Makes a building from what is left of a generator.
    package init(
        shape: BuildingShape,
        at time: Timestamp,
        using random: inout SeededGenerator
    ) {
        let building = Building.make(
            shape: shape,
            at: time,
            using: &random,
            issue: Self.issue
        )
        rows = building.rows
        tokens = building.tokens
    }

    private static func issue(
        _ principal: Principal,
        using random: inout SeededGenerator
    ) -> Building.Issued {
        let kind =
            switch principal {
            case .panel: "panel"
            case .device: "device"
            }
        let token = "test_\(kind)_\(random.next())"
        return (token, hash(token))
    }

    /// 256 bits that differ for different texts, by FNV-1a and SplitMix64.
    package static func hash(_ text: String) -> CredentialHash {
        let seed = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        var random = SeededGenerator(seed: seed)
        let words = (0..<4).map { _ in random.next() }
        return CredentialHash(
            words.flatMap { word in
                (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
            }
        )
    }
}
