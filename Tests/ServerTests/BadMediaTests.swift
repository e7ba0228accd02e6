// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleWire

extension ServerTests {
    /// Frames that are not what they should be, or not where.
    @Suite struct BadMediaTests {
        /// Runs `body` beside a call of two other parties.
        private func beside(
            loops: Int,
            _ body: (TestServer, Talk) async throws -> Void
        ) async throws {
            try await withServer(loops: loops) { server in
                let others = try await server.talk(panel: 1, unit: 1)
                try await others.flows()
                try await body(server, others)
                try await others.flows()
            }
        }

        @Test(arguments: [1, 2])
        func `media for another's call is a fault, and never arrives`(loops: Int) async throws {
            try await beside(loops: loops) { server, others in
                let device = try await server.device()
                var frames = Frames(handle: others.handle)
                try await device.send(frames: (0..<49).map { _ in frames.audio() })
                try await device.asks(.ping)
                try await device.send(frame: frames.audio())
                #expect(try await device.closing() == 1008)
                for peer in [others.panel, others.device] {
                    try await peer.asks(.ping)
                    let strange = try await peer.takeUnheard().contains { heard in
                        if case .frame = heard { true } else { false }
                    }
                    #expect(!strange)
                }
                let metrics = try await server.metrics()
                #expect(metrics["vestibule_bad_frames_total"] == 50)
                #expect(metrics.closes(1008) == 1)
                let name = "vestibule_frames_received_dropped_total"
                #expect(metrics["\(name){flow=\"audio\",reason=\"fault\"}"] == 50)
            }
        }

        @Test(arguments: [1, 2])
        func `the fiftieth malformed frame closes the socket and the call goes on`(
            loops: Int
        ) async throws {
            try await beside(loops: loops) { server, _ in
                let talk = try await server.talk()
                let faults = Self.faults(handle: talk.handle)
                let frames = (0..<49).map { faults[$0 % faults.count] }
                try await talk.device.send(frames: frames)
                try await talk.device.asks(.ping)
                #expect(try await server.metrics()["vestibule_bad_frames_total"] == 49)
                try await talk.flows(times: 1)
                let resume = try await talk.device.resume()
                try await talk.device.send(frame: faults[0])
                #expect(try await talk.device.closing() == 1008)
                try await talk.panel.peerIs(present: false, in: talk.call)
                talk.device = try await server.connect(server.building.device(), resume: resume)
                try await talk.panel.peerIs(present: true, in: talk.call)
                try await talk.flows()
            }
        }

        /// One of each kind.
        private static func faults(handle: UInt32) -> [[UInt8]] {
            func frame(
                _ kind: MediaKind,
                _ flags: MediaFlags = [],
                handle: UInt32,
                _ payload: [UInt8]
            ) -> [UInt8] {
                MediaHeader(
                    kind: kind,
                    flags: flags,
                    sequence: 1,
                    handle: handle,
                    timestamp: 960
                ).frame(payload)
            }
            var frames = Frames(handle: handle)
            var otherVersion = frames.audio()
            otherVersion[0] = 0x20
            var unflagged = frames.key()
            unflagged[1] = 0
            return [
                [], [0x10], [UInt8](repeating: 0x10, count: 11), otherVersion, unflagged,
                frame(.audio, handle: handle, []), frame(.audio, handle: handle, [0xFF]),
                frame(.audio, handle: 0, [0xF8, 1]), frame(.video, .key, handle: handle, [1, 2]),
                frame(.video, .key, handle: handle, [UInt8](repeating: 0, count: 40)),
                frame(.video, .key, handle: handle, Array(frames.inter().dropFirst(12))),
                frame(.report, handle: handle, [UInt8](repeating: 0, count: 15)),
                frame(.scan, .key, handle: handle, Array(frames.key().dropFirst(12))),
            ]
        }

        @Test(arguments: [1, 2])
        func `what is only out of place is counted and nobody's fault`(loops: Int) async throws {
            try await beside(loops: loops) { server, _ in
                let panel = try await server.panel()
                let started = try await panel.asks(
                    .callStart(unit: server.building.unit(), key: "press")
                )
                let handle = try #require(started.handle)
                var frames = Frames(handle: handle)
                let padding = MediaHeader(
                    kind: .padding,
                    sequence: 1,
                    handle: handle,
                    timestamp: 1
                ).frame([0, 0])
                let later = MediaHeader(
                    kind: MediaKind(rawValue: 9),
                    sequence: 1,
                    handle: handle,
                    timestamp: 1
                ).frame([0])
                try await panel.send(frames: (0..<60).map { _ in frames.audio() })
                try await panel.send(frames: [padding, later])
                try await panel.asks(.ping)
                try await panel.asks(.callCancel(try #require(started.call)))
                try await panel.send(frames: [frames.audio(), frames.key()])
                try await panel.asks(.ping)
                let metrics = try await server.metrics()
                #expect(metrics["vestibule_bad_frames_total"] == 0)
                let name = "vestibule_frames_received_dropped_total"
                #expect(metrics["\(name){flow=\"audio\",reason=\"outOfPlace\"}"] == 61)
                #expect(metrics["\(name){flow=\"video\",reason=\"outOfPlace\"}"] == 1)
                #expect(metrics["\(name){flow=\"other\",reason=\"padding\"}"] == 1)
                #expect(metrics["\(name){flow=\"other\",reason=\"unknownKind\"}"] == 1)
            }
        }

        @Test(arguments: [1, 2])
        func `an oversized frame closes the socket`(loops: Int) async throws {
            try await beside(loops: loops) { server, _ in
                let talk = try await server.talk()
                var frames = Frames(handle: talk.handle)
                let largest = frames.key(bytes: 262_144 - MediaHeader.size)
                try await talk.panel.send(frame: largest)
                #expect(try await talk.device.frame().asSent == largest)
                try await talk.panel.send(frame: frames.key(bytes: 262_145 - MediaHeader.size))
                #expect(try await talk.panel.closing() == 1009)
                try await talk.device.peerIs(present: false, in: talk.call)
                let metrics = try await server.metrics()
                #expect(metrics.closes(1009) == 1 && metrics["vestibule_oversized_total"] == 1)
            }
        }

        @Test(arguments: [1, 2])
        func `a flood of frames is cut, then closed`(loops: Int) async throws {
            try await beside(loops: loops) { server, _ in
                let talk = try await server.talk()
                var frames = Frames(handle: talk.handle)
                try await talk.device.send(frames: (0..<1_000).map { _ in frames.audio() })
                #expect(try await talk.device.refusal(re: nil).code == .rateLimited)
                #expect(try await talk.device.closing() == 4429)
                try await talk.panel.peerIs(present: false, in: talk.call)
                let metrics = try await server.metrics()
                #expect(metrics.closes(4429) == 1)
                #expect(metrics["vestibule_rate_limited_total"] == 101)
                let name = "vestibule_frames_received_dropped_total"
                #expect(metrics["\(name){flow=\"audio\",reason=\"overBudget\"}"] == 101)
                let passed = metrics["vestibule_frames_received_passed_total{flow=\"audio\"}"]
                #expect(passed >= 200 && passed < 900)
            }
        }
    }
}
