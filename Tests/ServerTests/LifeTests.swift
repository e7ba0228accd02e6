// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleNotifier
import VestibuleSQLiteStore
import VestibuleServer
import VestibuleWire

extension ServerTests {
    /// The states of a server, and what comes between a start and its end.
    @Suite struct LifeTests {
        /// How a start ended that was stopped on its way.
        private func stopWhileStarting(_ configuration: ServerConfiguration) async throws -> Bool {
            let server = Server(configuration: configuration)
            async let start: Void = server.start()
            // A hop to another thread each time: the start needs one of the pool's too.
            let worker = Worker(name: "watcher", capacity: 1)
            while await server.phase == .idle { try await worker.run {} }
            await worker.stop()
            await server.stop()
            #expect(await server.phase == .stopped)
            #expect(await server.port == 0)
            let isServed = try SQLiteStore.isServed(folder: configuration.data)
            #expect(!isServed)
            do { try await start } catch ServerError.stopped { return true }
            return false
        }

        @Test(arguments: [1, 2])
        func `a stop during the start ends the start, and nothing runs on`(
            loops: Int
        ) async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            try await TestBuilding().save(to: scratch.path)
            var configuration = ServerConfiguration(data: scratch.path)
            configuration.loops = loops
            configuration.port = 0
            var wasEnded = false
            for _ in 0..<10 {
                let isEnded = try await stopWhileStarting(configuration)
                wasEnded = wasEnded || isEnded
            }
            #expect(wasEnded, "no start was caught on its way")
        }

        @Test func `a server goes through its life once`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            var configuration = ServerConfiguration(data: scratch.path + "/data")
            configuration.port = 0
            let server = Server(configuration: configuration)
            #expect(await server.phase == .idle)
            try await server.start()
            #expect(await server.phase == .running)
            await #expect { try await server.start() } throws: { error in
                guard case ServerError.startedBefore = error else { return false }
                return true
            }
            #expect(await server.phase == .running)
            async let first: Void = server.stop()
            async let second: Void = server.stop()
            _ = await (first, second)
            #expect(await server.phase == .stopped)
            await #expect { try await server.start() } throws: { error in
                guard case ServerError.stopped = error else { return false }
                return true
            }
        }

        @Test func `a server that was stopped before it was started does not start`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let server = Server(configuration: ServerConfiguration(data: scratch.path))
            await server.stop()
            await #expect { try await server.start() } throws: { error in
                guard case ServerError.stopped = error else { return false }
                return true
            }
        }

        @Test func `a start that failed can be tried again`() async throws {
            try await withServer { other in
                let scratch = try ScratchFolder()
                defer { scratch.remove() }
                var configuration = ServerConfiguration(data: scratch.path)
                configuration.port = other.port
                let server = Server(configuration: configuration)
                await #expect(throws: (any Error).self) { try await server.start() }
                #expect(await server.phase == .idle)
                await other.stop()
                try await server.start()
                #expect(await server.port == configuration.port)
                await server.stop()
            }
        }

        @Test(arguments: [1, 2])
        func `while the port is taken nobody is rung for the calls of before`(
            loops: Int
        ) async throws {
            let (before, blocked, after) = (Recorder(), Recorder(), Recorder())
            try await withServer(loops: loops, notifiers: [before]) { server in
                let press = ClientRequest.callStart(unit: server.building.unit(), key: "press")
                let call = try await server.panel().asks(press).call
                let ringing = try #require(call)
                await server.stop()
                try await withServer { other in
                    var configuration = ServerConfiguration(data: server.folder)
                    configuration.loops = loops
                    configuration.port = other.port
                    let second = Server(configuration: configuration, notifiers: [blocked])
                    await #expect(throws: (any Error).self) { try await second.start() }
                    #expect(blocked.devices(.ring, ringing).isEmpty)
                    configuration.port = 0
                    let third = Server(configuration: configuration, notifiers: [after])
                    try await third.start()
                    try await server.clients.eventually("it rings again") {
                        !after.devices(.ring, ringing).isEmpty
                    }
                    await third.stop()
                }
            }
        }
    }
}
