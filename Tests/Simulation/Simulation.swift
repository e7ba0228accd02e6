// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import VestibuleBasics
import VestibuleTestKit

/// Whole households over the real exchange, with drawn faults and separate checkers.
@main
struct Simulation: AsyncParsableCommand {
    @Option(help: "Play worlds until so many calls have started.")
    var calls = 100_000

    @Option(help: "The first world's seed; the next ones count up from it.")
    var seed: UInt64?

    @Option(help: "Play at most so many worlds.")
    var worlds = Int.max

    @Flag(help: "Print everything that happens.")
    var trace = false

    @Option(help: "Plant this bug; finding it is a failure, as any other.")
    var plant: Plant?

    @Flag(help: "Go on after a breach, and name each in a line.")
    var survey = false

    @Flag(help: "Plant each bug in turn, and fail if one is not found.")
    var planted = false

    func run() async throws {
        if planted { return try await runPlants() }
        var drawn = SeededGenerator(seed: UInt64(time(nil)))
        let first = seed ?? drawn.next(upperBound: 1_000_000_000)
        print("seed \(first)")
        let score = Score()
        let start = clock()
        var number: UInt64 = 0
        var failures = 0
        while score.calls < calls, score.worlds < worlds {
            let episode = Episode(seed: first &+ number, plant: plant, score: score)
            if trace { episode.world.writeTrace = { print($0) } }
            await episode.play()
            if let breach = episode.world.found, survey {
                print("\(first &+ number): \(breach.text)")
                failures += 1
            } else if let breach = episode.world.found {
                await report(breach, seed: first &+ number, episode.draw)
                throw ExitCode.failure
            }
            number += 1
        }
        score.print(seed: first, seconds: Double(clock() - start) / Double(CLOCKS_PER_SEC))
        if failures > 0 { throw ExitCode.failure }
        guard calls < 10_000 || worlds < .max || score.missing.isEmpty else {
            print("never happened: \(score.missing.joined(separator: ", "))")
            throw ExitCode.failure
        }
    }

    /// Plays the world again with its trace, and prints what led to the breach.
    private func report(_ breach: Breach, seed: UInt64, _ draw: WorldDraw) async {
        var lines: [String] = []
        if !trace {
            let again = Episode(seed: seed, plant: plant, score: Score())
            again.world.writeTrace = { lines.append($0) }
            await again.play()
        }
        let name = breach.call.map { String($0.text.suffix(6)) }
        let ofCall = name.map { name in lines.filter { $0.contains(name) } } ?? lines
        for line in ofCall.suffix(60) { print(line.prefix(600)) }
        print("BREACH at \(breach.at.nanoseconds / 1_000) µs: \(breach.text)")
        print("world: \(draw.description)")
        let bug = plant.map { " --plant \($0.rawValue)" } ?? ""
        print("again: simulation --seed \(seed) --worlds 1\(bug) --trace")
    }

    private func runPlants() async throws {
        var missed: [String] = []
        for plant in Plant.allCases {
            var found: Breach?
            var seed: UInt64 = self.seed ?? 1
            for _ in 0..<20 where found == nil {
                let episode = Episode(seed: seed, plant: plant, score: Score())
                await episode.play()
                found = episode.world.found
                seed += 1
            }
            print("\(plant.rawValue): \(found?.text ?? "NOT FOUND")")
            if found == nil { missed.append(plant.rawValue) }
        }
        if !missed.isEmpty { throw ExitCode.failure }
    }
}

extension Plant: ExpressibleByArgument {}
