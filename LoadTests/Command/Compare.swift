// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import VestibuleHarness

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "LoadTests/compare",
        abstract: "The same media through Vestibule and through other relays, in turn.",
        discussion: """
            Vestibule carries real calls over its public protocol. The peers carry pairs of sockets \
            with the same frames by the same schedule: a minimal relay on epoll in C (the floor), \
            HAProxy as a plain TCP forwarder, and a Boost.Beast relay in C++. Server on one core, \
            generator on another; A B A B, so that a machine that drifts drifts for all. Only turns \
            of one round are held against each other. Each round begins with a few seconds in which \
            the generator speaks with itself, and the time that frames take there is taken off \
            that of the others: what a relay adds. Progress goes to stderr, the result to stdout.

            The first two end no TLS and are compared with over ws only. In a flood each sender has \
            so many frames of 100 B under way; Vestibule's limits are raised for it.

            Status:
              0    every turn counts, whether a goal was reached or not
              1    frames were lost, or something else was wrong
              2    figures are missing: generator or machine were too busy, twice
              64   wrong usage
              70   the comparison could not be made
              130  interrupted
            """
    )

    @Option(help: "Turns that each one has.")
    var rounds = 3

    @Option(help: "Length of a measured window.")
    var seconds = 12

    @Option(help: "Pairs, or calls, at once (default: 200; 100 in a flood).")
    var pairs: Int?

    @Option(
        name: .customLong("peer"),
        help: "epoll, haproxy or beast; repeat it (default: all)."
    )
    var peers: [Peer.Kind] = []

    @Option(help: "ws or wss (default: both).")
    var over: Way?

    @Flag(help: "As fast as it goes, instead of the media of calls.")
    var flood = false

    @Option(help: "Frames under way from each sender of a flood.")
    var window = 16

    @Option(help: ArgumentHelp("Write all figures there, as JSON.", valueName: "file"))
    var json: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting of Vestibule.", valueName: "key=value")
    )
    var settings: [String] = []

    @Option(
        help: ArgumentHelp("Frames leave at multiples of this.", valueName: "microseconds")
    )
    var grid = 100

    @Option(help: ArgumentHelp("The folder of epoll_relay and beast_relay.", visibility: .hidden))
    var programs = ".build/peers"

    @Option(help: .hidden)
    var haproxy = "/usr/sbin/haproxy"

    @Option(help: .hidden)
    var binary: String?

    enum Way: String, ExpressibleByArgument, CaseIterable {
        case ws, wss
    }

    func validate() throws {
        for (name, number, range) in [
            ("rounds", rounds, 1...100), ("seconds", seconds, 1...3_600),
            ("pairs", pairs ?? 1, 1...5_000), ("window", window, 1...256),
            ("grid", grid, 1...5_000),
        ] where !range.contains(number) {
            throw ValidationError(
                "--\(name) is a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        if let complaint = order.complaint { throw ValidationError(complaint) }
        if let json, let complaint = RunReport.complaint(aboutWritingTo: json) {
            throw ValidationError("--json \(json) cannot be written: \(complaint)")
        }
    }

    func run() throws {
        Interruption.hold()
        let report: ComparisonReport
        do { report = try Comparer(order).run() } catch {
            Progress.say("\(error)")
            if case .interrupted = error { throw ExitCode(130) }
            throw ExitCode(70)
        }
        FileHandle.standardOutput.write(Data(report.text.utf8))
        var status = report.comparison.status
        if let json {
            do { try report.write(to: json) } catch {
                Progress.say("\(json) could not be written: \(error)")
                if status == 0 { status = 70 }
            }
        }
        if status != 0 { throw ExitCode(status) }
    }

    private var order: ComparisonOrder {
        var order = ComparisonOrder()
        order.rounds = rounds
        order.seconds = seconds
        order.pairs = pairs ?? (flood ? 100 : 200)
        if !peers.isEmpty { order.peers = Set(peers) }
        order.hasPlain = over != .wss
        order.hasSecure = over != .ws
        order.flood = flood ? window : nil
        order.grid = grid
        order.settings = settings
        order.programs = [
            .epoll: programs + "/epoll_relay", .beast: programs + "/beast_relay",
            .haproxy: haproxy,
        ]
        order.binary = binary
        return order
    }
}

extension Peer.Kind: ExpressibleByArgument {}
