// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Testing
import VestibuleBasics
import VestibuleCrypto
import VestibuleEventLoop
import VestibuleTransport

/// What a connection's handler heard.
enum Heard: Equatable, Sendable {
    case opened
    case text(String)
    case binary([UInt8])
    case oversized
    case writable
    case closed(UInt16?)
    case failed(String)
}

/// Carries a loop-confined connection through a test, which touches it on its loop only.
struct Line: @unchecked Sendable {
    let loop: EventLoop
    let connection: WebSocketConnection

    func run<T: Sendable>(
        _ body: @escaping @Sendable (WebSocketConnection) -> T
    ) async throws -> T {
        try await loop.run { body(connection) }
    }

    func send(text: String) async throws { try await run { $0.send(text: text) } }

    func send(binary: [UInt8]) async throws {
        try await run { line in binary.withUnsafeBytes { line.send(binary: $0) } }
    }
}

/// What one thread puts and one task takes, in order.
///
/// An `AsyncStream` whose reader comes a moment too late shows the thread sanitizer a race that is none
/// (see ``Handoff``).
final class Post<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        var taker: Handoff<Element, Never>?
    }

    private let state = Locked(State())

    func put(_ element: Element) {
        let taker = state.withLock { state in
            defer { state.taker = nil }
            if state.taker == nil { state.waiting.append(element) }
            return state.taker
        }
        taker?.resume(returning: element)
    }

    func next() async -> Element {
        await withHandoff { taker in
            let element = state.withLock { state -> Element? in
                if !state.waiting.isEmpty { return state.waiting.removeFirst() }
                state.taker = taker
                return nil
            }
            if let element { taker.resume(returning: element) }
        }
    }
}

/// A handler that notes everything in order; `react` runs on the loop before that.
final class Ear: WebSocketClientHandler, @unchecked Sendable {
    typealias Reaction = (WebSocketConnection, Heard) -> Void

    private let loop: EventLoop
    private let react: Reaction
    private let notes = Post<Heard>()
    private let lines = Post<Line>()

    init(loop: EventLoop, react: @escaping Reaction = { _, _ in }) {
        self.loop = loop
        self.react = react
    }

    /// The next thing heard.
    func next() async -> Heard { await notes.next() }

    /// Notes something by hand.
    func mark() { notes.put(.oversized) }

    /// The next connection opened.
    func line() async throws -> Line { await lines.next() }

    private func note(_ connection: WebSocketConnection, _ heard: Heard) {
        react(connection, heard)
        notes.put(heard)
    }

    func opened(_ connection: WebSocketConnection) {
        note(connection, .opened)
        lines.put(Line(loop: loop, connection: connection))
    }

    func text(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {
        note(connection, .text(String(decoding: bytes, as: UTF8.self)))
    }

    func binary(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {
        note(connection, .binary(Array(bytes)))
    }

    func oversized(_ connection: WebSocketConnection) { note(connection, .oversized) }
    func writable(_ connection: WebSocketConnection) { note(connection, .writable) }

    func closed(_ connection: WebSocketConnection) {
        note(connection, .closed(connection.peerCloseCode))
    }

    func failed(_ connection: WebSocketConnection, reason: String) {
        note(connection, .failed(reason))
    }
}

/// A certificate of an authority of our own in a scratch folder.
struct Papers {
    let folder: URL
    let authority: DevelopmentAuthority
    var files: TLSFiles {
        TLSFiles(
            certificate: folder.appending(path: "server.pem").path,
            key: folder.appending(path: "server.key").path
        )
    }
    var authorityFile: String { folder.appending(path: "authority.pem").path }

    init(
        names: [String] = ["localhost", "127.0.0.1"],
        at now: Timestamp = EventLoop.readNow().time
    ) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        authority = try DevelopmentAuthority(name: "Test", now: EventLoop.readNow().time)
        try Data(authority.pair.certificate.utf8).write(to: URL(filePath: authorityFile))
        try issue(for: names, at: now)
    }

    /// Writes a new pair over the old one.
    func issue(
        for names: [String] = ["localhost", "127.0.0.1"],
        at now: Timestamp = EventLoop.readNow().time
    ) throws {
        let pair = try authority.issue(for: names, now: now)
        try Data(pair.certificate.utf8).write(to: URL(filePath: files.certificate))
        try Data(pair.privateKey.utf8).write(to: URL(filePath: files.key))
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }
}

/// A server and a client, each on a loop of its own.
struct Bench {
    let serverLoop: EventLoop
    let clientLoop: EventLoop
    let server: TransportServer
    let client: WebSocketClient
    let serverEar: Ear
    let clientEar: Ear
    let port: Int
    let isSecure: Bool

    var target: WebSocketTarget {
        WebSocketTarget(isSecure: isSecure, host: "127.0.0.1", port: port)
    }

    /// Lets time pass on the server's loop.
    func pass(_ time: Duration) async {
        await withHandoff { continuation in
            serverLoop.submit {
                _ = serverLoop.schedule(after: time) { continuation.resume() }
            }
        }
    }

    /// Opens one connection and gives both its ends.
    func connect() async throws -> (client: Line, server: Line) {
        let target = target
        let client = client
        try await clientLoop.run { _ = client.connect(to: target) }
        let there = await clientEar.next()
        try #require(there == .opened, "\(String(describing: there))")
        try #require(await serverEar.next() == .opened)
        return (try await clientEar.line(), try await serverEar.line())
    }
}

/// Runs `body` with a server and a client on loopback.
func withBench(
    papers: Papers? = nil,
    settings: ServerSettings = .test,
    serverReact: @escaping Ear.Reaction = { _, _ in },
    clientReact: @escaping Ear.Reaction = { _, _ in },
    web: @escaping WebHandler = { _ in WebResponse(status: .notFound, text: "nothing\n") },
    _ body: (Bench) async throws -> Void
) async throws {
    let serverLoop = try EventLoop(name: "server")
    let clientLoop = try EventLoop(name: "client")
    serverLoop.start()
    clientLoop.start()
    let serverEar = Ear(loop: serverLoop, react: serverReact)
    let clientEar = Ear(loop: clientLoop, react: clientReact)
    let server = TransportServer(
        loop: serverLoop,
        endpoint: ServerEndpoint(host: "127.0.0.1", port: 0, tls: papers?.files),
        settings: settings,
        webSockets: serverEar,
        web: web
    )
    let trust = papers.map { WebSocketTrust.file($0.authorityFile) } ?? .system
    var failure: (any Error)?
    do {
        try await server.start()
        let client = try await clientLoop.run {
            try WebSocketClient(loop: clientLoop, trust: trust, handler: clientEar)
        }
        do {
            try await body(
                Bench(
                    serverLoop: serverLoop,
                    clientLoop: clientLoop,
                    server: server,
                    client: client,
                    serverEar: serverEar,
                    clientEar: clientEar,
                    port: try await server.port,
                    isSecure: papers != nil
                )
            )
        } catch {
            failure = error
        }
        await client.stop()
    } catch {
        failure = error
    }
    await server.stop()
    await serverLoop.stop()
    await clientLoop.stop()
    if let failure { throw failure }
}

extension ServerSettings {
    /// Open limits, short times.
    static var test: ServerSettings {
        var settings = ServerSettings()
        settings.textLimit = 65_536
        settings.binaryLimit = 262_144
        return settings
    }
}
