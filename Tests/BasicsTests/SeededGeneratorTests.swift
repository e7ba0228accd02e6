// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics

@Suite struct SeededGeneratorTests {
    /// From the authors' C code.
    @Test(
        arguments: [
            (
                1_234_567,
                [
                    6_457_827_717_110_365_317, 3_203_168_211_198_807_973,
                    9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
                    16_408_922_859_458_223_821,
                ]
            ),
            (0, [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F]),
        ] as [(UInt64, [UInt64])]
    )
    func `a seed has one run`(_ seed: UInt64, _ values: [UInt64]) {
        var random = SeededGenerator(seed: seed)
        #expect(values.map { _ in random.next() } == values)
    }

    @Test func `a copy goes on from the same place`() {
        var first = SeededGenerator(seed: 9)
        _ = first.next()
        var second = first
        #expect(first.next() == second.next())
    }
}
