// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleCodecs
import VestibuleSimulators

@Suite struct EncodedLoopTests {
    private func recipe() -> EncodedLoop.Recipe {
        var recipe = EncodedLoop.Recipe()
        recipe.seconds = 2
        recipe.width = 320
        recipe.height = 240
        recipe.keyEvery = 1
        recipe.interBytes = 1_500
        recipe.keyBytes = 9_000
        recipe.voiceBytes = 80
        recipe.speaker = .resident
        return recipe
    }

    @Test func `a loop has the frames and sizes that were asked for`() throws {
        let loop = try EncodedLoop(recipe())
        #expect(loop.video.count == 30)
        #expect(loop.video.indices.filter { loop.video[$0].isKey } == [0, 15])
        for key in loop.video where key.isKey { #expect((6_000...9_000).contains(key.bytes.count)) }
        let inter = loop.video.filter { !$0.isKey }.map(\.bytes.count)
        let mean = inter.reduce(0, +) / inter.count
        #expect((1_100...1_900).contains(mean))
        #expect(loop.audio.count == 100)
        #expect(loop.audio.allSatisfy { $0.count == 80 })
    }

    @Test func `a loop decodes again and again`() throws {
        let loop = try EncodedLoop(recipe())
        let decoder = try VP8Decoder()
        for _ in 0..<2 {
            for (index, frame) in loop.video.enumerated() {
                let picture = try #require(try decoder.decode(frame.bytes))
                #expect(MovingPicture.index(in: picture) == index)
            }
        }
    }
}
