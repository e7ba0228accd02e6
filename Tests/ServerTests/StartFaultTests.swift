// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleSQLiteStore
import VestibuleServer
import VestibuleStorage
import VestibuleWire

extension ServerTests {
    /// A server that cannot start says why in one line.
    @Suite struct StartFaultTests {
        /// What the server in this process says, and what the binary does.
        private func refuses(
            _ configuration: ServerConfiguration,
            _ words: String...
        ) async throws {
            let server = Server(configuration: configuration)
            let error = await #expect(throws: (any Error).self) { try await server.start() }
            let line = error.map { "\($0)" } ?? ""
            for word in words { #expect(line.contains(word), "\(line)") }
            #expect(!line.contains("\n"))
            #expect(await server.port == 0)
            var arguments = [
                "serve", "--data", configuration.data, "--listen",
                "\(configuration.host):\(configuration.port)",
            ]
            if let tls = configuration.tls {
                arguments += ["--tls-certificate", tls.certificate, "--tls-key", tls.key]
            }
            let outcome = try await Binary.run(arguments)
            #expect(outcome.status == 1 && outcome.output.isEmpty)
            #expect(outcome.errors == "vestibule: \(line)\n")
        }

        @Test(arguments: [1, 2])
        func `a taken port and a held folder`(loops: Int) async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            try await withServer(loops: loops) { server in
                var configuration = ServerConfiguration(data: scratch.path)
                configuration.loops = loops
                configuration.port = server.port
                try await refuses(configuration, "127.0.0.1:\(server.port)", "taken")
                configuration.data = server.folder
                configuration.port = 0
                try await refuses(configuration, server.folder, "held")
                try await server.panel().asks(.ping)
            }
        }

        @Test func `an unreadable certificate`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            var configuration = ServerConfiguration(data: scratch.path + "/data")
            configuration.port = 0
            configuration.tls = .init(certificate: "/none/server.pem", key: "/none/server-key.pem")
            try await refuses(configuration, "/none/server.pem")
            let papers = try Papers(in: scratch)
            try papers.write("no key\n", to: papers.key)
            configuration.tls = .init(certificate: papers.certificate, key: papers.key)
            try await refuses(configuration, papers.key)
        }

        @Test func `a store of a newer version`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let store = try await SQLiteStore.open(
                folder: scratch.path,
                limits: Limits(),
                access: .server
            )
            try await store.withWriter { (connection) throws(StoreError) in
                try connection.execute("PRAGMA user_version = 99")
            }
            await store.close()
            var configuration = ServerConfiguration(data: scratch.path)
            configuration.port = 0
            try await refuses(configuration, scratch.path, "version 99", "newer")
        }

        @Test func `listening beyond loopback without TLS`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            var configuration = ServerConfiguration(data: scratch.path)
            configuration.host = "0.0.0.0"
            configuration.port = 0
            try await refuses(configuration, "0.0.0.0", "insecure-listen")
        }

        @Test func `wrong usage is 64`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            for arguments in [
                ["serve", "--data", scratch.path, "--listen", "nowhere"],
                ["serve", "--data", scratch.path, "--set", "limits.call.ring=long"],
                ["serve", "--colour", "green"], ["token", "door", "x", "--data", scratch.path],
            ] {
                let outcome = try await Binary.run(arguments)
                #expect(outcome.status == 64 && outcome.output.isEmpty, "\(arguments)")
            }
        }

        @Test func `a folder that is served or not empty is not seeded`() async throws {
            try await withServer { server in
                let served = try await Binary.run(["seed", "--data", server.folder, "--json"])
                #expect(served.status == 1 && served.errors.contains("held"))
                await server.stop()
                let full = try await Binary.run(["seed", "--data", server.folder, "--json"])
                #expect(full.status == 1 && full.errors.contains("not empty"))
            }
        }
    }
}
