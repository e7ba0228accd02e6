// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleHarness

/// What is counted of a slow receiver, and what a stall excuses.
@Suite struct SlowFiguresTests {
    private func at(_ milliseconds: Int64) -> Moment {
        Moment(nanoseconds: milliseconds * 1_000_000)
    }

    /// Pictures and sounds that come so old, one each 100 ms.
    private func play(
        _ figures: inout SlowFigures,
        from begin: Int64,
        to end: Int64,
        old: Int64
    ) {
        for now in stride(from: begin, to: end, by: 100) {
            figures.arrivedAudio(due: at(now - old), at: at(now))
            figures.arrivedVideo(due: at(now - old), at: at(now))
        }
    }

    @Test func `nothing counts before the window`() {
        var figures = SlowFigures()
        play(&figures, from: 0, to: 1_000, old: 5_000)
        figures.open(at: at(1_000))
        play(&figures, from: 1_000, to: 2_000, old: 20)
        figures.close(at: at(2_000))
        #expect(figures.audio.percentiles.count == 10)
        #expect(figures.audio.percentiles.max < 21_000)
    }

    @Test func `a freeze is the longest between two pictures, and to the end of the window`() {
        var figures = SlowFigures()
        figures.open(at: at(0))
        play(&figures, from: 0, to: 1_000, old: 20)
        play(&figures, from: 2_500, to: 3_000, old: 20)
        figures.close(at: at(3_100))
        #expect(figures.longestFreeze == .milliseconds(1_600))
        figures.open(at: at(4_000))
        figures.close(at: at(7_000))
        #expect(figures.longestFreeze == .seconds(3))
    }

    @Test func `what a stall made old counts for the recovery only`() {
        var figures = SlowFigures()
        figures.open(at: at(0))
        play(&figures, from: 0, to: 1_000, old: 20)
        figures.stallBegins(at: at(1_000))
        figures.stallEnds(at: at(4_000))
        play(&figures, from: 4_000, to: 4_300, old: 2_900)
        play(&figures, from: 4_300, to: 9_500, old: 20)
        figures.close(at: at(9_500))
        #expect(figures.recoveries == 1)
        #expect(figures.longestRecovery == .milliseconds(200))
        #expect(figures.longestDark == .milliseconds(300))
        #expect(figures.audio.percentiles.max < 21_000)
        #expect(figures.longestFreeze == .milliseconds(100))
    }

    @Test func `a picture that is old for longer than a second counts`() {
        var figures = SlowFigures()
        figures.open(at: at(0))
        figures.stallBegins(at: at(1_000))
        figures.stallEnds(at: at(4_000))
        play(&figures, from: 4_000, to: 6_000, old: 900)
        play(&figures, from: 6_000, to: 9_500, old: 20)
        figures.close(at: at(9_500))
        #expect(figures.longestRecovery == .milliseconds(1_900))
        #expect(figures.longestDark == .milliseconds(2_000))
        #expect(figures.audio.percentiles.max >= 899_000)
    }

    @Test func `a stall whose connection is gone excuses nothing any more`() {
        var figures = SlowFigures()
        figures.open(at: at(0))
        play(&figures, from: 0, to: 1_000, old: 20)
        figures.stallBegins(at: at(1_000))
        figures.stallIsCut()
        play(&figures, from: 1_500, to: 2_500, old: 300)
        figures.close(at: at(2_500))
        #expect(figures.recoveries == 0)
        #expect(figures.audio.percentiles.count == 20)
        #expect(figures.longestFreeze == .milliseconds(500))
    }

    @Test func `sound that comes is counted, whatever its age, and of none there is no percentile`()
    {
        var figures = SlowFigures()
        #expect(figures.audio.percentile(99) == nil)
        figures.open(at: at(0))
        figures.stallBegins(at: at(0))
        play(&figures, from: 100, to: 600, old: 50)
        #expect(figures.sounds == 5)
        #expect(figures.audio.percentile(99) == nil)
    }

    @Test func `no picture after a stall is no recovery, and a freeze after its mercy`() {
        var figures = SlowFigures()
        figures.open(at: at(0))
        figures.stallBegins(at: at(1_000))
        figures.stallEnds(at: at(4_000))
        for now in stride(from: Int64(4_000), to: 8_000, by: 20) {
            figures.arrivedAudio(due: at(now - 20), at: at(now))
        }
        figures.close(at: at(8_000))
        #expect(figures.longestRecovery == .zero)
        #expect(figures.longestDark == .seconds(4))
        #expect(figures.longestFreeze == .seconds(3))
    }
}

/// The stand-in for an encoder that adapts.
@Suite struct RungChooserTests {
    private func chooser() -> RungChooser {
        RungChooser([
            RungChooser.Rung(bitsPerSecond: 50_000, keyBytes: 4_000, count: 3),
            RungChooser.Rung(bitsPerSecond: 200_000, keyBytes: 7_000, count: 3),
            RungChooser.Rung(bitsPerSecond: 500_000, keyBytes: 12_000, count: 3),
        ])
    }

    private func next(
        _ chooser: inout RungChooser,
        bits: Int,
        most: Int? = nil,
        key: Bool = false
    ) -> [Int] {
        let (level, index) = chooser.choose(bits: bits, isKeyWanted: key, mostKeyBytes: most)
        return [level, index]
    }

    @Test func `a loop begins anew where it ends, without its key frame`() {
        var chooser = chooser()
        let all = (0..<4).map { _ in next(&chooser, bits: 600_000) }
        #expect(all == [[2, 1], [2, 2], [2, 1], [2, 2]])
    }

    @Test func `the rate is followed at once, and needs no key frame`() {
        var chooser = chooser()
        _ = next(&chooser, bits: 600_000)
        #expect(next(&chooser, bits: 100_000) == [0, 2])
        #expect(next(&chooser, bits: 300_000) == [1, 1])
    }

    @Test func `a key frame is as small as it is wanted, however high the rate`() {
        var chooser = chooser()
        #expect(next(&chooser, bits: 600_000, key: true) == [2, 0])
        #expect(next(&chooser, bits: 600_000, most: 8_000, key: true) == [1, 0])
        #expect(next(&chooser, bits: 600_000, most: 100, key: true) == [0, 0])
        #expect(next(&chooser, bits: 100_000, key: true) == [0, 0])
    }

    @Test func `below the cheapest the cheapest is sent`() {
        var chooser = chooser()
        #expect(next(&chooser, bits: 1_000) == [0, 1])
    }
}

/// How slow a slow reader is.
@Suite struct ReadingPaceTests {
    private func at(_ milliseconds: Int64) -> Moment {
        Moment(nanoseconds: milliseconds * 1_000_000)
    }

    @Test func `without a pace all may be read`() {
        var pace = ReadingPace(at: at(0))
        #expect(pace.allowance(65_536, at: at(0)) == 65_536)
    }

    @Test func `a second's bytes are read in a second, however often is looked`() {
        var pace = ReadingPace(at: at(0))
        pace.bytesPerSecond = 1_000
        var read = 0
        for now in stride(from: Int64(0), through: 1_000, by: 5) {
            let count = pace.allowance(65_536, at: at(now))
            pace.read(count)
            read += count
        }
        #expect((990...1_000).contains(read))
    }

    @Test func `what is saved up is a tenth of a second, and a stall saves nothing`() {
        var pace = ReadingPace(at: at(0))
        pace.bytesPerSecond = 37_500
        #expect(pace.allowance(65_536, at: at(60_000)) == 3_750)
        pace.bytesPerSecond = 0
        #expect(pace.allowance(65_536, at: at(63_000)) == 0)
        pace.bytesPerSecond = nil
        #expect(pace.allowance(65_536, at: at(63_000)) == 65_536)
    }
}
