// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport
import VestibuleWire

/// A server of one call, over real sockets: enough for the shells, and nothing of the rules.
///
/// Unchecked: everything in it is touched on its loop only.
final class StubServer: WebSocketHandler, @unchecked Sendable {
    private let loop: EventLoop
    private var server: TransportServer?
    private var panel: WebSocketConnection?
    private var resident: WebSocketConnection?
    private var sequence: [Role: Int] = [:]
    private var unlock: String?
    private var welcomes = 0

    private init(loop: EventLoop) {
        self.loop = loop
    }

    static func start() async throws -> (server: StubServer, url: String) {
        let loop = try EventLoop(name: "stub")
        loop.start()
        let stub = StubServer(loop: loop)
        var settings = ServerSettings()
        settings.textLimit = 65_536
        settings.binaryLimit = 262_144
        let server = TransportServer(
            loop: loop,
            endpoint: ServerEndpoint(host: "127.0.0.1", port: 0),
            settings: settings,
            webSockets: stub,
            web: { _ in WebResponse(status: .notFound, text: "") }
        )
        stub.server = server
        try await server.start()
        return (stub, "ws://127.0.0.1:\(try await server.port)")
    }

    func stop() async {
        await server?.stop()
        await loop.stop()
    }

    /// How often it said welcome.
    func welcomed() async throws -> Int { try await loop.run { self.welcomes } }

    /// Loses the panel's socket, as a network does.
    func dropPanel() { loop.submit { self.panel?.drop() } }

    /// Closes the resident's socket with a code.
    func closeResident(code: UInt16) {
        loop.submit { self.resident?.close(code: code, reason: "test") }
    }

    // MARK: Sockets

    func opened(_ connection: WebSocketConnection) {}

    func text(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {
        guard case .success(let message) = ClientMessage.decode(bytes) else { return }
        answer(message, connection)
    }

    func binary(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {
        let other = connection === panel ? resident : panel
        other?.send(binary: bytes)
    }

    func oversized(_ connection: WebSocketConnection) {}

    func writable(_ connection: WebSocketConnection) {}

    func closed(_ connection: WebSocketConnection) {
        if connection === panel { panel = nil }
        if connection === resident { resident = nil }
    }

    // MARK: Messages

    private func answer(_ message: ClientMessage, _ connection: WebSocketConnection) {
        switch message.request {
        case .hello(let hello): greet(hello, message.id, connection)
        case .callStart:
            say(
                .ok(re: message.id, .started(Sample.call, handle: 77, ringTimeout: 30)),
                connection
            )
            tell(.callIncoming(Sample.offer()), .resident)
        case .callAnswer:
            say(.ok(re: message.id, .handle(77)), connection)
            tell(
                .callState(
                    ResidentCallState(call: Sample.call, state: .active, you: .talking)
                ),
                .resident
            )
            tell(.panelCallState(PanelCallState(call: Sample.call, state: .active)), .panel)
        case .callUnlock:
            unlock = message.id
            let open = DoorOpen(
                command: Sample.command(1),
                door: Sample.door,
                seconds: 5,
                notAfter: Sample.time,
                notAfterMs: 60_000
            )
            tell(.doorOpen(open), .panel)
        case .doorResult(let result):
            say(.ok(re: message.id, .done), connection)
            guard let unlock, let resident else { return }
            say(.ok(re: unlock, .door(result.command, result.outcome)), resident)
        case .callHangup:
            say(.ok(re: message.id, .done), connection)
            tell(
                .panelCallState(
                    PanelCallState(call: Sample.call, state: .ended, outcome: .completed)
                ),
                .panel
            )
        default: say(.ok(re: message.id, .done), connection)
        }
    }

    private func greet(_ hello: Hello, _ id: String, _ connection: WebSocketConnection) {
        guard hello.token.reveal == "good" else {
            return connection.close(code: 4401, reason: "test")
        }
        let role: Role = hello.device.id == Sample.panel.text ? .panel : .resident
        if role == .panel { panel = connection } else { resident = connection }
        connection.textLimit = 65_536
        connection.binaryLimit = 262_144
        welcomes += 1
        let calls =
            hello.resume == nil
            ? [] : [CallEntry(offer: Sample.offer(), state: .active, you: .talking, mine: true)]
        say(
            .welcome(
                re: id,
                Welcome(
                    session: Sample.session,
                    role: role,
                    seq: sequence[role] ?? 0,
                    resumed: hello.resume != nil,
                    time: Sample.time,
                    heartbeat: 15,
                    limits: WelcomeLimits(SessionLimits()),
                    calls: calls
                )
            ),
            connection
        )
    }

    private func tell(_ event: ServerEvent, _ role: Role) {
        sequence[role, default: 0] += 1
        guard let connection = role == .panel ? panel : resident else { return }
        say(.event(seq: sequence[role] ?? 0, event), connection)
    }

    private func say(_ message: ServerMessage, _ connection: WebSocketConnection) {
        message.encoded().withUnsafeBytes { connection.send(text: $0) }
    }
}
