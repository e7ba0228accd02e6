// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Testing
import VestibuleBasics
import VestibuleCrypto
import VestibuleEventLoop
import VestibuleHTTPClient
import VestibuleTransport

/// Takes no WebSocket.
private final class NoSockets: WebSocketHandler {
    func opened(_ connection: WebSocketConnection) {}
    func text(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {}
    func binary(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {}
    func oversized(_ connection: WebSocketConnection) {}
    func writable(_ connection: WebSocketConnection) {}
    func closed(_ connection: WebSocketConnection) {}
}

/// A TLS server with a certificate of a fresh authority, and a client that trusts `trust`.
private func withTLS(
    names: [String] = ["hook.example"],
    trustsIt: Bool = true,
    validFrom now: Timestamp? = nil,
    _ body: (HTTPClient, Int) async throws -> Void
) async throws {
    let loop = try EventLoop(name: "test")
    loop.start()
    let now = now ?? loop.now.time
    let authority = try DevelopmentAuthority(name: "Test", now: now)
    let pair = try authority.issue(for: names, now: now, validity: .seconds(86_400))
    let other = try DevelopmentAuthority(name: "Test", now: now)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
        "vestibule-tls-\(SecretToken(.device).digest)"
    )
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = TLSFiles(
        certificate: folder.appendingPathComponent("certificate.pem").path,
        key: folder.appendingPathComponent("key.pem").path
    )
    try Data(pair.certificate.utf8).write(to: URL(fileURLWithPath: files.certificate))
    try Data(pair.privateKey.utf8).write(to: URL(fileURLWithPath: files.key))
    let server = TransportServer(
        loop: loop,
        endpoint: ServerEndpoint(host: "127.0.0.1", port: 0, tls: files),
        settings: ServerSettings(),
        webSockets: NoSockets(),
        web: { request in WebResponse(status: .ok, text: request.path) }
    )
    try await server.start()
    let client = HTTPClient(
        loop: loop,
        policy: .provider,
        resolver: FixedResolver(["hook.example": [.v4(0x7F00_0001)]]),
        trust: (trustsIt ? authority : other).pair.certificate
    )
    let outcome: Result<Void, any Error>
    do {
        outcome = .success(try await body(client, try await server.port))
    } catch {
        outcome = .failure(error)
    }
    await client.shutdown()
    await server.stop()
    await loop.stop()
    try outcome.get()
}

@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    @Test func `a certificate of a trusted authority for the name will do`() async throws {
        try await withTLS { client, port in
            for _ in 0..<3 {
                let answer = try await client.perform(
                    HTTPCall(url: "https://hook.example:\(port)/x", body: [1, 2, 3])
                )
                #expect(answer.status == 200 && answer.body == Array("/x".utf8))
            }
        }
    }

    func isRefused(_ client: HTTPClient, _ port: Int) async -> Bool {
        do {
            _ = try await client.perform(HTTPCall(url: "https://hook.example:\(port)/x"))
            return false
        } catch {
            if case .tls = error { return true }
            return false
        }
    }

    @Test func `an authority that nobody trusts will not`() async throws {
        try await withTLS(trustsIt: false) { client, port in
            #expect(await isRefused(client, port))
        }
    }

    @Test func `a certificate for another name will not`() async throws {
        try await withTLS(names: ["other.example", "127.0.0.1"]) { client, port in
            #expect(await isRefused(client, port))
        }
    }

    @Test func `an expired certificate will not`() async throws {
        try await withTLS(validFrom: Timestamp(milliseconds: 1_600_000_000_000)) { client, port in
            #expect(await isRefused(client, port))
        }
    }
}
