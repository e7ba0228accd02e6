// SPDX-License-Identifier: Apache-2.0

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

        /// Nil: ours.
        package var peer: Peer.Kind? { Peer.Kind(rawValue: rawValue) }
    }

    package let program: Program
    package let isSecure: Bool

    package init(_ program: Program, isSecure: Bool = false) {
        self.program = program
        self.isSecure = isSecure
    }

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
    /// Who does not end TLS is compared with over ws only. In a flood nobody is paced, and no
    /// forwarder takes part: its far ends are another kind of receiver.
    package var contestants: [Contestant] {
        let ours: [Contestant.Program] = flood == nil ? [.vestibule, .paced] : [.vestibule]
        let theirs: [Contestant.Program] =
            flood == nil ? [.epoll, .haproxy, .beast] : [.epoll, .beast]
        let programs = ours + theirs.filter { $0.peer.map(peers.contains) ?? false }
        let plain = programs.map { Contestant($0) }
        let secure = programs.filter { $0 != .paced && $0.peer?.hasTLS ?? true }.map {
            Contestant($0, isSecure: true)
        }
        return (hasPlain ? plain : []) + (hasSecure ? secure : [])
    }

    /// What a flood needs of our server, which is not for floods; named in the report.
    package static let floodLimits = [
        "limits.session.framesPerSecond=1000000", "limits.session.bitsPerSecond=2000000000",
    ]
}
