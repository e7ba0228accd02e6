// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleCodecs
import VestibuleCrypto
import VestibuleSQLiteStore
import VestibuleServer
import VestibuleStorage

extension ServerTests {
    /// The commands beside `serve`, as processes: status, stdout, stderr.
    @Suite struct CommandTests {
        private let commands = [
            "serve", "demo", "seed", "panel", "resident", "history", "token", "certs", "config",
            "doctor",
        ]

        @Test func `every command has its help, and what is no command is wrong usage`()
            async throws
        {
            let all = try await Binary.run(["--help"])
            #expect(all.status == 0 && all.errors.isEmpty)
            for command in commands {
                #expect(all.output.contains("\n  \(command) "), "\(command)")
                let help = try await Binary.run([command, "--help"])
                #expect(help.status == 0 && help.errors.isEmpty)
                #expect(help.output.contains("USAGE: vestibule \(command)"))
                let wrong = try await Binary.run([command, "--colour", "green"])
                #expect(wrong.status == 64 && wrong.output.isEmpty, "\(command)")
            }
            let none = try await Binary.run(["sereve"])
            #expect(none.status == 64 && none.output.isEmpty)
        }

        @Test func `where there is no store every command says so in one line, and ends with 1`()
            async throws
        {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let (panel, folder) = (TestBuilding().panel().text, scratch.path)
            let line = "vestibule: \(folder) holds no store: `vestibule seed` makes one to try\n"
            for arguments in [["history"], ["history", "--json"], ["token", "panel", panel]] {
                let outcome = try await Binary.run(arguments + ["--data", folder])
                #expect(outcome.status == 1 && outcome.output.isEmpty)
                #expect(outcome.errors == line, "\(arguments)")
            }
            let doctor = try await Binary.run(["doctor", "--data", folder])
            #expect(doctor.status == 1 && doctor.errors.isEmpty)
            #expect(doctor.output.contains("\nDO    store: \(folder) holds none. `vestibule seed"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }

        @Test func `an older store is named and left by those who only read`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let database = scratch.path + "/vestibule.db"
            _ = FileManager.default.createFile(atPath: database, contents: nil)
            let connection = try Connection(path: database, patience: .zero)
            for step in Schema.steps.prefix(1) { try connection.execute(step) }
            try connection.execute("PRAGMA user_version = 1")
            let history = try await Binary.run(["history", "--data", scratch.path])
            #expect(history.status == 1 && history.output.isEmpty)
            #expect(history.errors.contains("version 1 and will be migrated to"))
            let doctor = try await Binary.run(
                ["doctor", "--data", scratch.path, "--listen", "127.0.0.1:0"])
            #expect(doctor.output.contains("\nok    store: version 1, older: will be migrated to"))
            #expect(try Schema.version(of: connection) == 1)
            #expect(!FileManager.default.fileExists(atPath: scratch.path + "/lock"))
            connection.close()
        }

        @Test func `doctor looks without taking the folder`() async throws {
            try await withServer { server in
                let served = try await Binary.run(["doctor", "--data", server.folder])
                #expect(served.output.contains("devices, served now\n"))
                #expect(served.output.contains("is not tried: a server has the folder\n"))
                await server.stop()
                let free = try await Binary.run(
                    ["doctor", "--data", server.folder, "--listen", "127.0.0.1:0"])
                #expect(free.output.contains("devices\n") && !free.output.contains("served now"))
                #expect(free.status == ("\n\(free.output)".contains("\nDO ") ? 1 : 0))
                #expect(free.output.split(separator: "\n").count == 8)
            }
        }

        @Test func `seed prints what the harness reads, and refuses senseless numbers`()
            async throws
        {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let data = scratch.path + "/data"
            let seeded = try await Binary.run(
                ["seed", "--data", data, "--units", "3", "--json"])
            #expect(seeded.status == 0 && seeded.errors.isEmpty)
            let listing = try JSONSerialization.jsonObject(with: Data(seeded.output.utf8))
            let object = try #require(listing as? [String: Any])
            #expect((object["units"] as? [Any])?.count == 3)
            #expect((object["panels"] as? [Any])?.count == 2)
            let wrong = try await Binary.run(["seed", "--data", data, "--units", "-1"])
            #expect(wrong.status == 64 && wrong.output.isEmpty)
        }

        @Test func `history is a table, or an array that a program reads`() async throws {
            try await withServer { server in
                let empty = try await Binary.run(["history", "--data", server.folder, "--json"])
                #expect(empty.status == 0 && empty.output == "[]\n")
                let talk = try await server.talk()
                try await talk.hangsUp()
                _ = try await server.onlyCall()
                let json = try await Binary.run(["history", "--data", server.folder, "--json"])
                #expect(json.status == 0 && json.errors.isEmpty)
                let list = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
                let call = try #require((list as? [[String: Any]])?.first)
                #expect(call["id"] as? String == talk.call.text)
                #expect(call["outcome"] as? String == "completed")
                let table = try await Binary.run(["history", "--data", server.folder])
                #expect(table.output.split(separator: "\n").count == 2)
                for limit in ["0", "10001", "few"] {
                    let wrong = try await Binary.run(
                        ["history", "--data", server.folder, "--limit", limit])
                    #expect(wrong.status == 64 && wrong.output.isEmpty)
                }
            }
        }

        @Test func `token tells an id that is none from one that nobody has`() async throws {
            try await withServer { server in
                let data = ["--data", server.folder]
                let none = try await Binary.run(["token", "panel", "pnl_none"] + data)
                #expect(none.status == 64 && none.output.isEmpty)
                let stranger = TestBuilding().panel().text
                let unknown = try await Binary.run(["token", "panel", stranger] + data)
                #expect(unknown.status == 1 && unknown.output.isEmpty)
                #expect(unknown.errors.contains("there is no panel \(stranger)"))
                let both = ["--revoke", "--keep"]
                let panel = server.building.panel().text
                #expect(try await Binary.run(["token", "panel", panel] + data + both).status == 64)
            }
        }

        @Test func `an authority without its key is never replaced`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let arguments = ["certs", "--out", scratch.path, "--name", "bell.example"]
            func read(_ name: String) throws -> String {
                try String(contentsOfFile: scratch.path + "/" + name, encoding: .utf8)
            }
            #expect(try await Binary.run(arguments).status == 0)
            let authority = try read("authority.pem")
            let first = try read("server.pem")
            #expect(try CertificateFacts(pem: first).names == ["bell.example"])
            #expect(try await Binary.run(arguments).status == 0)
            #expect(try read("authority.pem") == authority && read("server.pem") != first)

            let key = scratch.path + "/authority-key.pem"
            try Data(read("server-key.pem").utf8).write(to: URL(filePath: key))
            let other = try await Binary.run(arguments)
            #expect(other.status == 1 && other.errors.contains("is not the key of"))
            try FileManager.default.removeItem(atPath: key)
            let halved = try await Binary.run(arguments)
            #expect(halved.status == 1 && halved.output.isEmpty)
            #expect(halved.errors.contains("authority-key.pem is not. Put the missing half back"))
            #expect(try read("authority.pem") == authority)
            #expect(!FileManager.default.fileExists(atPath: key))
        }

        @Test func `config prints a file that serves`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let sample = try await Binary.run(["config"])
            #expect(sample.status == 0 && sample.errors.isEmpty)
            #expect(sample.output == ServerConfiguration.sample + "\n")
            try FileManager.default.createDirectory(
                atPath: scratch.path + "/data",
                withIntermediateDirectories: false
            )
            try Data(sample.output.utf8)
                .write(to: URL(filePath: scratch.path + "/data/vestibule.yaml"))
            let serving = try await Serving.start(data: scratch.path + "/data")
            #expect(await serving.terminate() == 0)
        }
    }
}
