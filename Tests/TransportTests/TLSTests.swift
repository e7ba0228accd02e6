// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Testing
import VestibuleBasics
import VestibuleCrypto
import VestibuleEventLoop
import VestibuleTransport

@Suite(.timeLimit(.minutes(1)))
struct TLSTests {
    @Test func `a reload shows the new pair to new connections and keeps the open ones`()
        async throws
    {
        let papers = try Papers()
        let others = try Papers()
        defer {
            papers.remove()
            others.remove()
        }
        try await withBench(papers: papers) { bench in
            let (client, _) = try await bench.connect()
            // A pair of another authority: whoever trusts only the old one refuses it.
            for name in ["server.pem", "server.key"] {
                let fresh = try Data(contentsOf: others.folder.appending(path: name))
                try fresh.write(to: papers.folder.appending(path: name))
            }
            try await TransportServer.reloadTLS(of: [bench.server])
            let target = bench.target
            try await bench.clientLoop.run { _ = bench.client.connect(to: target) }
            guard case .failed = await bench.clientEar.next() else {
                Issue.record("the old certificate was shown")
                return
            }
            try await client.send(text: "still here")
            #expect(await bench.serverEar.next() == .text("still here"))
        }
    }

    @Test(arguments: ["server.pem", "server.key"])
    func `a pair that cannot be used is refused and the old one stays`(spoilt: String) async throws
    {
        let papers = try Papers()
        defer { papers.remove() }
        try await withBench(papers: papers) { bench in
            let file = papers.folder.appending(path: spoilt)
            for text in ["", "no PEM\n"] {
                try Data(text.utf8).write(to: file)
                await #expect(throws: TransportError.self) {
                    try await TransportServer.reloadTLS(of: [bench.server])
                }
            }
            // The halves of two pairs.
            let other = try Papers()
            defer { other.remove() }
            try papers.issue()
            try Data(contentsOf: other.folder.appending(path: spoilt)).write(to: file)
            await #expect(throws: TransportError.self) {
                try await TransportServer.reloadTLS(of: [bench.server])
            }
            _ = try await bench.connect()
        }
    }

    @Test func `a chain that is torn is refused and the old one stays`() async throws {
        let papers = try Papers()
        defer { papers.remove() }
        try await withBench(papers: papers) { bench in
            let file = papers.folder.appending(path: "server.pem")
            let leaf = try String(contentsOf: file, encoding: .utf8)
            let chain = leaf + papers.authority.pair.certificate
            try Data(chain.utf8).write(to: file)
            try await TransportServer.reloadTLS(of: [bench.server])
            // Somebody writes it anew, and has got so far.
            for length in [leaf.utf8.count + 60, chain.utf8.count - 30, leaf.utf8.count - 30] {
                try Data(chain.utf8.prefix(length)).write(to: file)
                await #expect(throws: TransportError.self, "\(length)") {
                    try await TransportServer.reloadTLS(of: [bench.server])
                }
            }
            _ = try await bench.connect()
        }
    }

    @Test(arguments: [("it has expired", -400 * 86_400), ("it is not valid yet", 86_400)])
    func `a certificate that is not good now is refused and the old one stays`(
        reason: String,
        seconds: Int
    ) async throws {
        let papers = try Papers()
        defer { papers.remove() }
        try await withBench(papers: papers) { bench in
            try papers.issue(at: EventLoop.readNow().time + .seconds(seconds))
            await #expect(
                throws: TransportError.badCertificate(
                    path: papers.files.certificate,
                    reason: reason
                )
            ) {
                try await TransportServer.reloadTLS(of: [bench.server])
            }
            _ = try await bench.connect()
        }
    }

    @Test func `the servers of one port show the same pair, read once`() async throws {
        let papers = try Papers()
        defer { papers.remove() }
        try await withBench(papers: papers) { bench in
            let loop = try EventLoop(name: "second")
            loop.start()
            // Not there any more: the second one shows what the first has read.
            try FileManager.default.removeItem(atPath: papers.files.key)
            let second = TransportServer(
                loop: loop,
                endpoint: ServerEndpoint(host: "127.0.0.1", port: bench.port, tls: papers.files),
                settings: .test,
                webSockets: Ear(loop: loop),
                web: teller
            )
            try await second.start(sharing: bench.server)
            await bench.server.stopAccepting()
            let socket = try TLSSocket(port: bench.port)
            #expect(try socket.get("/second").hasPrefix("HTTP/1.1 200"))
            #expect(await second.counters().requests == 1)
            await second.stop()
            await loop.stop()
        }
    }

    @Test func `a certificate that cannot be read keeps the server from starting`() async throws {
        let loop = try EventLoop(name: "tls")
        loop.start()
        let server = TransportServer(
            loop: loop,
            endpoint: ServerEndpoint(
                host: "127.0.0.1",
                port: 0,
                tls: TLSFiles(certificate: "/none.pem", key: "/none")
            ),
            settings: .test,
            webSockets: Ear(loop: loop),
            web: { _ in WebResponse(status: .ok) }
        )
        await #expect {
            try await server.start()
        } throws: { error in
            "\(error)".contains("/none.pem")
        }
        await loop.stop()
    }

    @Test func `a client trusts its own authority only`() async throws {
        let papers = try Papers()
        let others = try Papers()
        defer {
            papers.remove()
            others.remove()
        }
        try await withBench(papers: papers) { bench in
            for (trust, isGood) in [
                (WebSocketTrust.file(others.authorityFile), false), (.system, false),
                (.insecure, true),
            ] {
                let ear = Ear(loop: bench.clientLoop)
                let client = try await bench.clientLoop.run {
                    try WebSocketClient(loop: bench.clientLoop, trust: trust, handler: ear)
                }
                let target = bench.target
                try await bench.clientLoop.run { _ = client.connect(to: target) }
                let heard = await ear.next()
                #expect((heard == .opened) == isGood, "\(trust)")
                await client.stop()
            }
        }
    }

    @Test func `plain text on a TLS port is hung up on`() async throws {
        let papers = try Papers()
        defer { papers.remove() }
        try await withBench(papers: papers) { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            // An alert may come before the end; an answer, or nothing at all, may not.
            let last = try socket.receiveAll()
            #expect(!String(decoding: last, as: UTF8.self).contains("HTTP/"))
            _ = try await bench.connect()
        }
    }
}
