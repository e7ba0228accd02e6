// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleBasics

/// What is asked of a run.
package struct RunOrder {
    /// What is played.
    package var scenario = ScenarioName.calls

    /// Calls at once; nil: what the scenario is stated for.
    package var calls: Int?

    /// Devices of a crowd.
    package var sockets = 10_000

    /// Length of the measured window.
    package var seconds = 60

    /// Loop threads of the server.
    package var loops = 1

    /// Server and generator share the cores, however many there are.
    var sharesCores = false

    /// Presses a second.
    package var presses = 50

    /// Deadlines of the generator are multiples of so many microseconds.
    package var grid = 100

    /// Settings of the server, `key=value`.
    package var settings: [String] = []

    /// What the figures are held against.
    package var assertions: [Assertion] = []

    /// Reads the server's `/metrics` all along, for a report that shows them over time.
    package var watchesMetrics = false

    /// Leaves the server's folder and log.
    package var keepsFolder = false

    /// Over TLS, with a certificate made for the run.
    package var tls = false

    /// Whether the server is spoken to over TLS.
    var isSecure: Bool { tls || existing?.authority != nil }

    /// Each party leaves out all but one of so many beats, so that more calls can be had.
    var thinning = 1

    /// Calls that open their door; nil: all.
    package var unlocks: Int?

    /// Instead of the media of calls: so many frames of sound under way from each sender, always.
    package var flood: Int?

    /// A relay to be compared with, instead of a server of ours: pairs of sockets without calls.
    package var peer: Peer?

    /// Nobody: pairs of sockets from the generator to itself, which is what all have in common.
    package var isDirect = false

    /// A server that runs already; else one is started.
    package var existing: RunningServer?

    /// The server's program; nil: `vestibule` beside this one.
    package var binary: String?

    package init() {}
}

/// A server that runs already.
package struct RunningServer {
    /// `ws://ADDRESS:PORT`.
    let url: String

    /// The file with its building, as `vestibule seed --json` prints it.
    let building: String

    /// Its process, where its processor time is to be read.
    let process: Int32?

    /// Its folder, where its history is to be read.
    let data: String?

    /// The authority of its certificate, PEM; nil for ws.
    let authority: String?

    package init(
        url: String,
        building: String,
        process: Int32?,
        data: String?,
        authority: String? = nil
    ) {
        self.url = url
        self.building = building
        self.process = process
        self.data = data
        self.authority = authority
    }
}

/// The scenarios by name.
package enum ScenarioName: String, CaseIterable, Sendable {
    /// Many calls at once with picture and sound; see ``CallsBothWays``.
    case calls

    /// Somebody answers, opens the door, hangs up.
    case answerUnlock = "answer-unlock"

    /// Somebody declines, which ends it for all.
    case decline

    /// Nobody does anything.
    case timeout

    /// All devices answer at once: one wins.
    case answerRace = "answer-race"

    /// The guest gives up while somebody answers.
    case cancelRace = "cancel-race"

    /// A few that read too slowly among many; see ``SlowReader``.
    case slowReader = "slow-reader"

    /// Calls across two loops, against one; see ``TwoLoops``.
    case twoLoops = "two-loops"

    /// Short calls and talks for long; see ``Soak``.
    case soak

    /// What a frame costs as calls and loops grow; see ``Growth``.
    case growth

    /// Thousands that are connected and quiet; see ``Idle``.
    case idle

    /// Thousands that lose their connection at once; see ``Storm``.
    case storm

    /// More presses than the server takes; see ``Overload``.
    case overload
}

/// What may be asked of some scenarios and means nothing to others.
package enum RunOption: String, CaseIterable, Sendable {
    case calls, sockets, seconds, loops, presses
}

extension ScenarioName {
    /// What it listens to.
    package var options: Set<RunOption> {
        switch self {
        case .calls, .slowReader: [.calls, .seconds, .loops, .presses]
        case .idle: [.calls, .sockets, .seconds, .loops, .presses]
        case .storm: [.calls, .sockets, .loops, .presses]
        // They say themselves how many loops; what is taken is counted for each loop.
        case .twoLoops, .growth, .overload: [.calls, .seconds, .presses]
        case .answerUnlock, .decline, .timeout, .answerRace, .cancelRace, .soak:
            [.seconds, .loops, .presses]
        }
    }

    /// Why these are not to be asked of it; nil where they may be.
    package func complaint(about given: Set<RunOption>) -> String? {
        let unused = given.subtracting(options).map { "--\($0.rawValue)" }.sorted()
        return unused.isEmpty
            ? nil : "\(rawValue) takes no \(unused.joined(separator: " and no "))"
    }
}

extension RunOrder {
    /// What stands in the way of the run whatever the server does; nil: nothing.
    ///
    /// `descriptors` is what a process may have open, `sockets` what the scenario opens, `calls`
    /// how many of its calls live at once.
    package func obstacle(descriptors: Int, sockets: Int, calls: Int) -> String? {
        if let complaint = Descriptors.complaint(sockets: sockets, limit: descriptors) {
            return complaint
        }
        let most = Limits().call.live
        let key = "limits.call.live"
        // A loop is a board of its own, but where calls land is the kernel's choice.
        guard existing == nil, peer == nil, !isDirect, calls > most,
            !settings.contains(where: { $0.hasPrefix(key + "=") })
        else { return nil }
        return """
            \(Words.count(calls)) calls at once are more than a server takes by itself \
            (\(Words.count(most))): add --set \(key)=\(calls)
            """
    }
}
