// SPDX-License-Identifier: Apache-2.0

/// A room of the house: a library or an executable of Package.swift.
struct Room: Sendable {
    /// Its folder below Sources (the harness': below LoadTests); the target carries the prefix `Vestibule`.
    let name: String

    /// The floor it stands on.
    ///
    /// Arrows point down, or to a room listed before it on its floor.
    let floor: Int

    /// Outside the server: only executables and other side rooms may use it.
    var side = false

    /// Modules of the system that it may import, beside what Package.swift gives it.
    var system: Set<String> = []
}

extension Room {
    /// The house, from the ground up.
    ///
    /// A new target gets its row here.
    static let all: [Room] = [
        Room(name: "Basics", floor: 0, system: ["Glibc"]),
        Room(name: "Wire", floor: 0, system: ["FoundationEssentials"]),
        Room(name: "CallCore", floor: 0),
        Room(name: "AccessCore", floor: 0, system: ["Foundation", "FoundationEssentials"]),

        Room(name: "EventLoop", floor: 1, system: ["Glibc"]),
        Room(name: "Crypto", floor: 1, system: ["FoundationEssentials", "Glibc"]),
        Room(name: "Transport", floor: 1, system: ["Glibc"]),
        Room(name: "HTTPClient", floor: 1, system: ["Glibc"]),
        Room(name: "Codecs", floor: 1, system: ["Glibc"]),
        Room(name: "Imaging", floor: 1, system: ["Glibc"]),
        Room(name: "Storage", floor: 1, system: ["FoundationEssentials"]),
        Room(name: "Notifier", floor: 1, system: ["FoundationEssentials"]),

        Room(name: "SQLiteStore", floor: 2, system: ["FoundationEssentials", "Glibc"]),
        Room(name: "Webhook", floor: 2, system: ["FoundationEssentials"]),

        Room(name: "Switchboard", floor: 3),

        Room(name: "Server", floor: 4, system: ["Foundation", "FoundationEssentials", "Glibc"]),

        Room(name: "FaultProxy", floor: 2, side: true, system: ["Glibc"]),
        Room(name: "NotifierContract", floor: 2, side: true),
        Room(name: "Client", floor: 2, side: true, system: ["Glibc"]),
        Room(name: "Simulators", floor: 3, side: true, system: ["Foundation", "Glibc"]),
        Room(name: "TestKit", floor: 4, side: true, system: ["Foundation", "Glibc"]),
        Room(name: "Harness", floor: 4, side: true, system: ["Foundation", "Glibc"]),

        Room(name: "vestibule", floor: 5, system: own),
        Room(name: "loadtests", floor: 5, system: own),
        Room(name: "simulation", floor: 5, system: own),
    ]

    /// An executable deals with its process.
    private static let own: Set<String> = ["Foundation", "FoundationEssentials", "Glibc"]

    /// What tests may import of the system.
    static let forTests: Set<String> = [
        "Foundation", "FoundationEssentials", "FoundationXML", "Glibc", "Testing",
    ]

    /// Who may touch which C library: one room each, so that its traps are known in one place.
    static let custodians: [String: Set<String>] = [
        "CVestibuleWebSockets": ["Transport"],
        "CVestibuleUV": ["EventLoop", "FaultProxy", "HTTPClient", "Transport"],
        "CVestibuleOpenSSL": ["Crypto", "Harness", "Transport"],
        "CVestibuleCurl": ["HTTPClient"],
        "CVestibuleSQLite": ["SQLiteStore"],
        "CVestibuleVPX": ["Codecs"],
        "CVestibuleOpus": ["Codecs"],
        "CVestibulePNG": ["Imaging"],
        "CVestibuleEpoll": ["Harness"],
        "CVestibuleSupport": ["EventLoop", "FaultProxy", "Harness", "Transport"],
    ]

    /// Rooms that decide: they reach no socket, no loop and no C library, however far one follows
    /// their arrows.
    static let pure: Set<String> = [
        "AccessCore", "Basics", "CallCore", "Notifier", "Storage", "Switchboard", "Wire",
    ]

    /// Executables that may use TestKit; no shipped target does.
    static let testers: Set<String> = ["simulation"]

    static func named(_ name: String) -> Room? { all.first { $0.name == name } }
}
