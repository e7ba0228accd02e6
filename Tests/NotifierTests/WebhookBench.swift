// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop
import VestibuleHTTPClient
import VestibuleNotifier
import VestibuleNotifierContract
import VestibuleTestKit
import VestibuleWebhook

/// A webhook notifier, and a receiver that answers by the path of the URL.
struct WebhookBench: Sendable {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    let notifier: WebhookNotifier
    let server: ScriptedServer

    /// Lends a bench, and takes everything down afterwards.
    static func lend(
        script: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply = { request in
            switch request.path {
            case "/gone": .answer(410)
            case "/hang": .hang
            default: .answer(202)
            }
        },
        _ body: (WebhookBench) async throws -> Void
    ) async throws {
        let loop = try EventLoop(name: "test")
        loop.start()
        let server = ScriptedServer(script)
        let hook = AddressPolicy.HostPort(host: "hook.example", port: server.port)
        let client = HTTPClient(
            loop: loop,
            policy: .userGiven(allow: [hook]),
            resolver: FixedResolver([
                "hook.example": [.v4(0x7F00_0001)], "inside.example": [.v4(0x7F00_0001)],
            ])
        )
        let notifier = WebhookNotifier(
            client: client,
            secret: WebhookSecret(Self.secret),
            allowsPlain: true
        )
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(WebhookBench(notifier: notifier, server: server)))
        } catch {
            outcome = .failure(error)
        }
        await client.shutdown()
        await server.stop()
        await loop.stop()
        try outcome.get()
    }

    func registration(
        _ path: String = "/hook",
        url: String? = nil,
        parameters: [String: String] = [:],
        sharesAddress: Bool = false
    ) -> Registration {
        Registration(
            id: RegistrationID(high: 1, low: 2),
            device: DeviceID(high: 3, low: 4),
            notifier: "webhook",
            token: url ?? "http://hook.example:\(server.port)\(path)",
            parameters: parameters,
            sharesAddress: sharesAddress,
            registeredAt: Timestamp(milliseconds: 0)
        )
    }

    func send(_ registration: Registration) async -> Verdict {
        await notifier.send(NotifierContract.notice(), to: registration, within: .seconds(20))
    }
}
