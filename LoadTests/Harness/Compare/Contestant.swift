// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Who takes part in a comparison, and how it is spoken to.
package struct Contestant: Hashable, Codable, Sendable {
    package enum Program: String, Codable, CaseIterable, Sendable {
        /// Ours, as it comes.
        case vestibule

        /// Ours with `pace=0.001`.
        case paced

        case epoll
        case haproxy
        case beast

        /// Nobody: the generator speaks with itself.
        case direct

        /// Nil: ours, or nobody.
        package var peer: Peer.Kind? { Peer.Kind(rawValue: rawValue) }

        var isOurs: Bool { self == .vestibule || self == .paced }
    }

    package let program: Program
    package let isSecure: Bool

    package init(_ program: Program, isSecure: Bool = false) {
        self.program = program
        self.isSecure = isSecure
    }

    /// What frames take without a relay; over wss it leaves the generator's own TLS to the others.
    package static let direct = Contestant(.direct)

    package var name: String { "\(program.rawValue) \(isSecure ? "wss" : "ws")" }
}

/// What a comparison is asked to do.
package struct ComparisonOrder: Sendable {
    /// Turns that each contestant has.
    package var rounds = 3

    /// Length of a measured window.
    package var seconds = 12

    /// Pairs, or calls, at once.
    package var pairs = 200

    package var peers: Set<Peer.Kind> = Set(Peer.Kind.allCases)
    package var hasPlain = true
    package var hasSecure = true

    /// Frames under way from each sender of a flood; nil: the media of calls.
    package var flood: Int?

    /// Deadlines of the generator are multiples of so many microseconds.
    package var grid = 100

    /// Settings of our server, `key=value`.
    package var settings: [String] = []

    /// The programs of the peers.
    package var programs: [Peer.Kind: String] = [:]

    /// `vestibule`; nil: beside this one.
    package var binary: String?

    package init() {}

    /// Who takes part, in the order of their turns: ours first, ws before wss.
    ///
    /// Before them each round has a short turn without a relay, whose times are taken off those of
    /// the others. Who does not end TLS is compared with over ws only. In a flood nobody is paced, and no
    /// forwarder takes part: its far ends are another kind of receiver. Ours is not alone either
    /// way.
    package var contestants: [Contestant] {
        let ours: [Contestant.Program] = flood == nil ? [.vestibule, .paced] : [.vestibule]
        let all: [Contestant.Program] =
            flood == nil ? [.epoll, .haproxy, .beast] : [.epoll, .beast]
        let theirs = all.filter { $0.peer.map(peers.contains) ?? false }
        let secure = theirs.filter { $0.peer?.hasTLS ?? false }
        var turns: [Contestant] = []
        if hasPlain, !theirs.isEmpty { turns += (ours + theirs).map { Contestant($0) } }
        if hasSecure, !secure.isEmpty {
            turns += ([.vestibule] + secure).map { Contestant($0, isSecure: true) }
        }
        return flood == nil && !turns.isEmpty ? [.direct] + turns : turns
    }

    /// Why there is nothing to compare; nil where there is.
    package var complaint: String? {
        let kinds = Set(contestants.compactMap(\.program.peer))
        if kinds.isEmpty {
            let names = peers.map(\.rawValue).sorted().joined(separator: " or ")
            return "nobody to compare with: that is nothing for \(names)"
        }
        let sorted = kinds.sorted { $0.rawValue < $1.rawValue }
        for kind in sorted where access(programs[kind] ?? "", X_OK) != 0 {
            let path = programs[kind] ?? "all"
            return "no program of \(kind.rawValue) at \(path): LoadTests/compare sees to it"
        }
        return nil
    }

    /// What a flood needs of our server, which is not for floods; named in the report.
    package static let floodLimits = [
        "limits.session.framesPerSecond=1000000", "limits.session.bitsPerSecond=2000000000",
    ]
}
