// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleServer
import VestibuleSimulators

extension ServerTests {
    /// The demo ends, well or with the reason.
    @Suite struct DemoTests {
        @Test func `the demo leaves a film with picture and sound, a snapshot and the history`()
            async throws
        {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let demo = try await Binary.run(["demo", "--talk", "2", "--out", scratch.path])
            #expect(demo.status == 0 && demo.errors.isEmpty, "\(demo.errors)")
            for word in ["answers", "is told: opened", "(completed)", "call.webm", "guest.png"] {
                #expect(demo.output.contains(word), "\(word)")
            }
            let film = try Data(contentsOf: URL(filePath: scratch.path + "/call.webm"))
            let reader = try WebMReader(Array(film))
            let (pictures, sounds) = (
                reader.frames.filter { $0.kind == .video },
                reader.frames.filter { $0.kind == .audio }
            )
            #expect(reader.tracks.map(\.kind).sorted { "\($0)" < "\($1)" } == [.audio, .video])
            #expect(pictures.count > 20 && pictures.first?.isKey == true)
            #expect(sounds.count > 50)
            let snapshot = try Data(contentsOf: URL(filePath: scratch.path + "/guest.png"))
            #expect(snapshot.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        }

        @Test(arguments: [
            // It rings too shortly for anybody to answer.
            (
                ["limits.call.ring=1", "limits.call.ringLeast=1", "limits.call.ringMost=1"],
                "the call was over before it was answered (missed)"
            ),
            // The press is never answered: each is too long, which ends the connection.
            (["limits.session.message=16"], "the call was not through within 3"),
        ])
        func `a call that never rings ends the demo with the reason`(
            _ settings: [String],
            _ reason: String
        ) async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let demo = try await Binary.run(
                ["demo", "--talk", "2", "--patience", "1", "--out", scratch.path]
                    + settings.flatMap { ["--set", $0] }
            )
            #expect(demo.status == 1)
            #expect(demo.errors.hasPrefix("vestibule: the demo did not end well: \(reason)"))
            #expect(demo.errors.split(separator: "\n").count == 1)
        }
    }

    /// Whoever reads what the binary writes may be gone, or have no room.
    @Suite struct ConsoleTests {
        @Test func `a server goes on when the disk of its log is full`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let serving = try await Serving.start(
                data: scratch.path + "/data",
                shell: "exec \"$0\" \"$@\" 2>/dev/full"
            )
            #expect(try await RawSocket.get("/healthz", port: serving.port) == (200, "ok\n"))
            await serving.kill9()
        }

        @Test func `a server goes on when nobody reads its log any more`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let log = Pipe()
            try log.fileHandleForReading.close()
            let serving = try await Serving.start(data: scratch.path + "/data", errors: log)
            #expect(try await RawSocket.get("/healthz", port: serving.port) == (200, "ok\n"))
            await serving.kill9()
        }

        @Test func `a server goes on without a stdout`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let data = scratch.path + "/data"
            let served = try await Binary.run(
                ["serve", "--data", data, "--listen", "127.0.0.1:0"],
                shell: """
                    "$0" "$@" >/dev/full 2>"$3.log" & server=$!
                    until grep -qs ' ready ' "$3.log"; do sleep 0.05; done
                    kill -0 $server && kill $server && wait $server
                    """
            )
            #expect(served.status == 0 && served.errors.isEmpty)
        }

        @Test func `results that cannot be written are a failure`() async throws {
            for place in ["/dev/full"] {
                let outcome = try await Binary.run(["config"], shell: "\"$0\" \"$@\" > \(place)")
                #expect(outcome.status == 1)
                #expect(
                    outcome.errors
                        == "vestibule: the results could not be written to stdout\n"
                )
            }
        }
    }
}
