// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleServer
import VestibuleSimulators
import VestibuleStorage

extension ServerTests {
    /// `panel` and `resident` with `--do`: they end, and say how.
    @Suite struct ScriptTests {
        /// Runs a scripted client against a server; its credential comes in the environment.
        private func act(
            _ role: String,
            _ principal: Principal,
            at server: TestServer,
            do script: String,
            _ more: [String] = []
        ) async throws -> Binary.Outcome {
            try await Binary.run(
                [
                    role, "--url", "ws://127.0.0.1:\(server.port)", "--id", principal.text,
                    "--do", script,
                ] + more,
                environment: ["VESTIBULE_TOKEN": server.building.token(principal)]
            )
        }

        @Test func `a scripted call, in the words of the protocol`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let film = scratch.path + "/film.webm"
            try await withServer { server in
                let building = server.building
                async let home = act(
                    "resident",
                    building.device(),
                    at: server,
                    do: "wait ringing; answer; wait active; wait 1.5; unlock; save \(film); "
                        + "hangup; wait ended; quit; dance"
                )
                let label = building.rows.units[0].label
                let door = try await act(
                    "panel",
                    building.panel(),
                    at: server,
                    do: "list; ring \(label); wait ringing; wait active; wait ended"
                )
                let resident = try await home
                #expect(door.status == 0 && resident.status == 0)
                let call = try await server.onlyCall()
                let lines = door.output.split(separator: "\n")
                let listed = lines.prefix { !$0.hasPrefix("ringing ") }
                #expect(listed.count == building.rows.residents.count)
                let told = Array(lines.dropFirst(listed.count))
                #expect(
                    told == [
                        "ringing \(call.id.text)", "active \(call.id.text)",
                        "door \(building.doors()[0].text) opened", "ended completed",
                    ]
                )
                let heard = resident.output.split(separator: "\n")
                #expect(heard.first == "ringing \(call.id.text) from \(call.panel.name)")
                #expect(heard.contains("active talking \(call.id.text)"))
                #expect(heard.contains("opened") && heard.contains("saved \(film)"))
                #expect(heard.last?.hasPrefix("ended ") == true)
                for text in [door.output, resident.output, door.errors, resident.errors] {
                    #expect(!text.contains("("), "no dump of Swift: \(text)")
                }
                let reader = try WebMReader(Array(Data(contentsOf: URL(filePath: film))))
                #expect(reader.tracks.count == 2 && reader.frames.count > 20)
            }
        }

        @Test func `an order that fails ends the script with 1`() async throws {
            try await withServer { server in
                let (panel, device) = (server.building.panel(), server.building.device())
                let short = ["--patience", "0.3"]
                for (role, who, script, words) in [
                    ("panel", panel, "ring Nobody; list", "ring Nobody: nobody is called Nobody"),
                    ("panel", panel, "hangup", "hangup: there is no call"),
                    ("panel", panel, "wait active", "wait active: not active within 0.3 s"),
                    ("resident", device, "answer", "answer: there is no call"),
                    ("resident", device, "wait ringing", "wait ringing: not ringing within 0.3 s"),
                    (
                        "resident", device, "save /none/film.webm",
                        "save /none/film.webm: /none/film.webm cannot be written"
                    ),
                ] {
                    let outcome = try await act(role, who, at: server, do: script, short)
                    #expect(outcome.status == 1 && outcome.output.isEmpty, "\(script)")
                    #expect(outcome.errors.hasSuffix("vestibule: \(words)\n"), "\(outcome.errors)")
                }
            }
        }

        @Test func `a call that ended before it was active fails who waits for that`()
            async throws
        {
            try await withServer { server in
                let building = server.building
                let other = try await act(
                    "panel",
                    building.panel(),
                    at: server,
                    do: "ring \(building.rows.units[0].label); wait ringing; hangup; wait active",
                    ["--patience", "20"]
                )
                #expect(other.status == 1 && other.output.hasSuffix("\nended here\n"))
                #expect(
                    other.errors.hasSuffix(
                        "vestibule: wait active: the call ended before it was active\n"
                    )
                )
            }
        }

        @Test func `a relay that fails fails the unlock`() async throws {
            try await withServer { server in
                let building = server.building
                async let home = act(
                    "resident",
                    building.device(),
                    at: server,
                    do: "wait ringing; answer; unlock"
                )
                let door = try await act(
                    "panel",
                    building.panel(),
                    at: server,
                    do: "ring \(building.rows.units[0].label); wait active; wait 1",
                    ["--broken-relays"]
                )
                let resident = try await home
                #expect(door.output.contains("door \(building.doors()[0].text) failed\n"))
                #expect(resident.status == 1 && resident.output.contains("\nfailed\n"))
                #expect(resident.errors.hasSuffix("vestibule: unlock: failed\n"))
            }
        }

        @Test func `a script with a word that is none is wrong usage`() async throws {
            let scripts = [
                ("panel", "dance"), ("panel", "wait forever"), ("panel", "ring"),
                ("resident", "wait 5 minutes"), ("resident", "unlock maybe"), ("resident", "wait"),
            ]
            for (role, script) in scripts {
                let outcome = try await Binary.run(
                    [role, "--id", "x", "--do", script],
                    environment: ["VESTIBULE_TOKEN": "vst_x"]
                )
                #expect(outcome.status == 64 && outcome.output.isEmpty, "\(script)")
                #expect(outcome.errors.contains("--do: "), "\(outcome.errors)")
            }
        }

        @Test func `a credential comes from a file, a variable or a flag, and is not in the way`()
            async throws
        {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            try await withServer { server in
                let panel = server.building.panel()
                let token = server.building.token(panel)
                let file = scratch.path + "/token"
                try Data("\(token)\n".utf8).write(to: URL(filePath: file))
                let common = [
                    "panel", "--url", "ws://127.0.0.1:\(server.port)", "--id", panel.text, "--do",
                    "list",
                ]
                for (more, variable, status) in [
                    (["--token-file", file], "", Int32(0)), ([], token, 0),
                    (["--token", token], "", 0), (["--token-file", file], "vst_wrong", 0),
                    ([], "", 64), (["--token", token, "--token-file", file], "", 64),
                    (["--token-file", file + ".none"], "", 1), ([], "vst_wrong", 1),
                ] {
                    let outcome = try await Binary.run(
                        common + more,
                        environment: ["VESTIBULE_TOKEN": variable]
                    )
                    #expect(outcome.status == status, "\(more) \(outcome.errors)")
                    #expect(outcome.output.isEmpty == (status != 0))
                    #expect(!outcome.errors.contains(token))
                }
            }
        }

        @Test func `where no server is the client says so in time`() async throws {
            let outcome = try await Binary.run(
                [
                    "panel", "--url", "ws://127.0.0.1:1", "--id", "x", "--token", "vst_x", "--do",
                    "list", "--patience", "0.5",
                ])
            #expect(outcome.status == 1 && outcome.output.isEmpty)
            #expect(
                outcome.errors
                    == "vestibule: no panel at ws://127.0.0.1:1: no server answered in time\n"
            )
        }
    }
}
