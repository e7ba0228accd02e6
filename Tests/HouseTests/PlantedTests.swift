// SPDX-License-Identifier: Apache-2.0

import Testing

/// The rules themselves, on planted code: a rule that never fires keeps nothing.
@Suite struct PlantedTests {
    private static let places = [
        Place.Zone.room: "Sources/CallCore/Planted.swift",
        .binary: "Tests/Simulation/Planted.swift",
        .test: "Tests/CallCoreTests/Planted.swift",
    ]

    @Test(arguments: Ban.all)
    func `a banned call is found, a similar one is not`(_ ban: Ban) throws {
        for zone in ban.zones {
            let path = try #require(Self.places[zone])
            let bad = SourceFile(path: path, text: "let a = 1\n\(ban.planted)\n")
            let found = try #require(ban.findings(in: bad).first, "\(ban) is not found")
            #expect(found.line == 2)
            #expect(found.description.contains(ban.instead))
            let fine = SourceFile(path: path, text: ban.innocent + "\n// \(ban.planted)\n")
            #expect(ban.findings(in: fine).isEmpty)
        }
    }

    @Test(arguments: Ban.all.filter { !$0.home.isEmpty })
    func `a banned call is fine at home`(_ ban: Ban) {
        for name in ban.home where Room.named(name)?.floor != 5 {
            let file = SourceFile(path: "Sources/\(name)/Planted.swift", text: ban.planted)
            #expect(ban.findings(in: file).isEmpty)
        }
    }

    @Test func `each kind of wait is banned, each kind of task is`() {
        let text = "Task.yield()\nTask { }\nTask(priority: .high) { }\nTask.detached { }"
        let file = SourceFile(path: "Sources/Server/Planted.swift", text: text)
        let lines = Ban.all.flatMap { $0.findings(in: file) }.map(\.line)
        #expect(lines == [1, 2, 3, 4])
    }

    @Test(
        arguments: [
            ("a // sleep(1)", "a            "),
            ("a /* b /* c */ d */ e", "a                   e"),
            (#"f("sleep(1)") g"#, #"f(          ) g"#),
            (#"f("\(sleep(1))") g"#, #"f(   sleep(1)  ) g"#),
            (##"f(#"a"b"#) g"##, ##"f(       ) g"##),
            (#"f("a\"b") g"#, #"f(      ) g"#),
            ("func `a // b`() {}", "func         () {}"),
        ])
    func `only code is looked at`(_ source: String, _ code: String) {
        #expect(String(decoding: Scanner.blanked(source), as: UTF8.self) == code)
    }

    @Test func `only code is looked at, over several lines`() {
        let long = Scanner.blanked("\"\"\"\n a \"b\"\n\"\"\" c")
        #expect(String(decoding: long, as: UTF8.self) == "   \n      \n    c")
        let open = Scanner.blanked("\"open\nsleep(1)")
        #expect(String(decoding: open, as: UTF8.self) == "     \nsleep(1)")
    }

    @Test(
        arguments: [
            ("import Foundation", "Foundation"),
            ("package import VestibuleBasics", "VestibuleBasics"),
            ("@preconcurrency public import struct Foundation.Date", "Foundation"),
            ("let text = import", nil),
            ("important import", nil),
        ] as [(String, String?)]
    )
    func `an import is read`(_ line: String, _ module: String?) {
        #expect(ImportRules.module(importedBy: line) == module)
    }

    @Test(
        arguments: [
            ("Sources/Alpha/A.swift", "import CVestibuleCurl"),
            ("Sources/CallCore/A.swift", "import Foundation"),
            ("Sources/CallCore/A.swift", "package import VestibuleWire"),
            ("Sources/Wire/A.swift", "import Foundation"),
            ("Sources/Switchboard/A.swift", "import VestibuleEventLoop"),
            ("Sources/Server/A.swift", "import CVestibuleWebSockets"),
            ("Tests/CallCoreTests/A.swift", "import CVestibuleSQLite"),
            ("Tests/CallCoreTests/A.swift", "import VestibuleServer"),
        ])
    func `an import that the room may not have is found`(_ path: String, _ line: String) {
        let file = SourceFile(path: path, text: "\n\n" + line)
        #expect(ImportRules(manifest: Self.sample).findings(in: file).map(\.line) == [3])
    }

    @Test func `imports that the room may have are fine`() {
        let rules = ImportRules(manifest: Self.sample)
        for (path, line) in [
            ("Sources/CallCore/A.swift", "package import VestibuleBasics"),
            ("Sources/Wire/A.swift", "import FoundationEssentials"),
            ("Sources/Server/A.swift", "import Logging"),
            ("Tests/CallCoreTests/A.swift", "import Testing"),
        ] {
            #expect(rules.findings(in: SourceFile(path: path, text: line)).isEmpty)
        }
    }

    @Test func `a manifest is read`() throws {
        let names = Self.sample.targets.map(\.module)
        #expect(
            names == [
                "VestibuleBasics", "VestibuleWire", "CVestibuleCurl", "CVestibuleSupport",
                "VestibuleCallCore", "VestibuleServer", "vestibule", "VestibuleCallCoreTests",
            ]
        )
        #expect(Self.sample.target("CVestibuleCurl")?.apt == "libcurl4-openssl-dev")
        let server = try #require(Self.sample.target("VestibuleServer"))
        #expect(server.dependencies == ["VestibuleCallCore", "Logging"])
        #expect(
            Self.sample.reach(of: server) == ["VestibuleCallCore", "VestibuleBasics", "Logging"]
        )
    }

    @Test(
        arguments: [
            (#"room("Basics", ["VestibuleWire"]),"#, "arrows point down"),
            (#"room("CallCore", ["CVestibuleCurl"]),"#, "only HTTPClient"),
            (#"room("Server", ["VestibuleClient"]),"#, "side room"),
            (
                #".executableTarget(name: "vestibule", dependencies: ["VestibuleTestKit"]),"#,
                "no shipped"
            ),
            (#"room("Switchboard", ["VestibuleTransport"]),"#, "may not reach"),
            (#"room("Attic", []),"#, "no row"),
        ])
    func `an arrow that points up is found`(_ row: String, _ complaint: String) {
        let manifest = Manifest("let package = Package(\n    targets: [\n\(row)\n]\n)")
        let findings = FloorRules(manifest: manifest).findings()
        #expect(findings.contains { $0.line == 3 && $0.message.contains(complaint) })
    }

    @Test func `a file without the licence, or too long, is found`() {
        let bare = SourceFile(path: "Sources/Wire/A.swift", text: "import VestibuleBasics\n")
        #expect(FileRules.header(bare).map(\.line) == [1])
        let most = SourceFile(
            path: "Sources/Wire/A.swift",
            text: String(repeating: "\n", count: FileRules.length)
        )
        #expect(FileRules.length(most).isEmpty)
        let long = SourceFile(path: "Sources/Wire/A.swift", text: most.text + "\n")
        #expect(FileRules.length(long).count == 1)
    }

    @Test func `an unfinished mark is found`() {
        let word = "TO" + "DO"
        let found = FileRules.marks(path: "Deploy/demo", text: "one\n# \(word): two\nAU\(word)RS\n")
        #expect(found.map(\.line) == [2])
    }

    @Test func `a second copy of the version is found`() {
        let text = "/// The version.\npublic let vestibuleVersion = \"1.2.3\"\n"
        #expect(FileRules.statedVersion(in: text) == "1.2.3")
        let copy = SourceFile(path: "Sources/Server/A.swift", text: "\nlet version = \"1.2.3\"\n")
        #expect(FileRules.version(copy, version: "1.2.3").map(\.line) == [2])
        let one = SourceFile(path: "Sources/Basics/Version.swift", text: text)
        #expect(FileRules.version(one, version: "1.2.3").isEmpty)
    }

    private static let sample = Manifest(
        """
        let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
        let package = Package(
            products: [.library(name: "VestibuleWire", targets: ["VestibuleWire"])],
            targets: [
                room("Basics"),  // The ground (floor 0).
                room("Wire", ["VestibuleBasics"]),
                library("Curl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
                .target(name: "CVestibuleSupport", path: "Sources/CSupport"),
                room("CallCore", ["VestibuleBasics"]),
                room("Server", ["VestibuleCallCore", logging]),
                .executableTarget(
                    name: "vestibule", dependencies: ["VestibuleServer"], swiftSettings: settings),
                tests("CallCore", ["VestibuleCallCore"]),
            ]
        )
        """
    )
}
