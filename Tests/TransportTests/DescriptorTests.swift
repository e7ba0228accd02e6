// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPTypes
import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

/// A process without a descriptor left, each in a process of its own.
@Suite(.timeLimit(.minutes(1)))
struct DescriptorTests {
    @Test func `without a descriptor left the listener rests, and goes on when there is one`()
        async
    {
        await #expect(processExitsWith: .success) {
            let loop = try EventLoop(name: "emfile")
            loop.start()
            let server = TransportServer(
                loop: loop,
                endpoint: ServerEndpoint(host: "127.0.0.1", port: 0),
                settings: .test,
                webSockets: Ear(loop: loop),
                web: { _ in WebResponse(status: .ok, text: "here\n") }
            )
            try await server.start()
            let port = try await server.port
            let unconnected = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var limits = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
            var none = rlimit(rlim_cur: 0, rlim_max: limits.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none)
            let client = try RawSocket(connecting: unconnected, port: port)
            let turns = Locked(0)
            await withHandoff { continuation in
                loop.submit {
                    _ = loop.atEndOfTurn { turns.withLock { $0 += 1 } }
                    _ = loop.schedule(after: .milliseconds(250)) { continuation.resume() }
                }
            }
            let turned = turns.withLock { $0 }
            if turned >= 200 {
                _ = "the loop turned \(turned) times".withCString { puts($0) }
                abort()
            }
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
            try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let body = try client.response().body
            precondition(body == "here\n", "it was not served afterwards")
            await server.stop()
            await loop.stop()
        }
    }
}
