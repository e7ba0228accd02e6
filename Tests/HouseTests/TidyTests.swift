// SPDX-License-Identifier: Apache-2.0

import Testing

/// The house as it stands: each failure names the file, the line and what to write in its place.
@Suite struct TidyTests {
    private let manifest = Manifest(Repository.text(of: "Package.swift") ?? "")

    @Test func `no file makes a banned call`() {
        report(Repository.sources.flatMap { file in Ban.all.flatMap { $0.findings(in: file) } })
    }

    @Test func `every exception still exists`() {
        for path in Set(Ban.all.flatMap(\.exceptions.keys)) {
            #expect(Repository.files.contains(path), "\(path) is gone: take it out of Bans.swift")
        }
    }

    @Test func `every file imports only what its room may`() {
        report(Repository.sources.flatMap(ImportRules(manifest: manifest).findings))
    }

    @Test func `arrows between rooms point down`() {
        report(FloorRules(manifest: manifest).findings())
    }

    @Test func `rooms, targets and folders are the same`() {
        let rooms = Set(Room.all.map(\.name))
        let targets = manifest.targets.filter { $0.kind == .room || $0.kind == .executable }
        #expect(Set(targets.map(\.name)) == rooms, "Package.swift and Rooms.swift differ")
        let elsewhere: Set = ["Harness", "loadtests", "simulation"]
        let folders = Set(
            Repository.subfolders(of: "Sources").filter { $0.first != "C" || rooms.contains($0) }
        )
        #expect(folders == rooms.subtracting(elsewhere), "Sources and Rooms.swift differ")
        let libraries = manifest.targets.filter { $0.kind == .library }.map(\.name)
        // The harness' own lies with the harness, not below Sources.
        let below = Set(Room.custodians.keys).subtracting(["CVestibuleEpoll"])
        #expect(Set(libraries) == below, "a C library without a custodian")
        let tested = manifest.targets.filter { $0.kind == .tests }.map(\.name)
        let tests = Repository.subfolders(of: "Tests").filter { $0.hasSuffix("Tests") }
        #expect(Set(tests) == Set(tested), "Tests and Package.swift differ")
    }

    @Test func `every file carries the licence`() {
        report(Repository.sources.flatMap(FileRules.header))
    }

    @Test func `no file is too long to read in one go`() {
        report(Repository.sources.flatMap(FileRules.length))
    }

    @Test func `nothing is left unfinished`() {
        report(
            Repository.files.flatMap { path in
                FileRules.marks(path: path, text: Repository.text(of: path) ?? "")
            }
        )
    }

    @Test func `the version stands in one place and in the changelog`() throws {
        let text = try #require(Repository.text(of: "Sources/Basics/Version.swift"))
        let version = try #require(FileRules.statedVersion(in: text))
        report(Repository.sources.flatMap { FileRules.version($0, version: version) })
        let changelog = try #require(Repository.text(of: "CHANGELOG.md"))
        #expect(changelog.contains("## [\(version)]"), "CHANGELOG.md has no entry for \(version)")
    }

    @Test func `the packages that Package.swift names get installed`() throws {
        let text = try #require(Repository.text(of: "Deploy/packages.txt"))
        let named = Set(
            text.split(separator: "\n").compactMap { line in
                line.prefix { $0 != "#" }.split(separator: " ").first.map(String.init)
            }
        )
        let needed = Set(manifest.targets.compactMap(\.apt))
        #expect(!needed.isEmpty)
        #expect(needed.isSubset(of: named), "missing in Deploy/packages.txt")
    }

    /// Records each finding at its own place, so that an editor can jump there.
    private func report(_ findings: [Finding]) {
        for finding in findings {
            let name = finding.path.split(separator: "/").last ?? "?"
            Issue.record(
                "\(finding)",
                sourceLocation: SourceLocation(
                    fileID: "House/\(name)",
                    filePath: Repository.root + finding.path,
                    line: finding.line,
                    column: 1
                )
            )
        }
    }
}
