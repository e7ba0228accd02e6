// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleClient
import VestibuleNotifier
import VestibuleNotifierContract
import VestibuleServer
import VestibuleWire

/// A notifier from outside the project.
struct Whisper: Notifier {
    let name = "whisper"

    func send(
        _ notice: Notice,
        to registration: Registration,
        within allowance: Duration
    ) async -> Verdict { .accepted(reference: nil) }
}

@main
enum Outside {
    static func main() async throws {
        let server = Server(
            configuration: ServerConfiguration(data: "DATA"),
            notifiers: [Whisper()]
        )
        let registration = Registration(
            id: .nothing,
            device: .nothing,
            notifier: "whisper",
            token: "t",
            registeredAt: Timestamp(milliseconds: 0)
        )
        for clause in NotifierContract.clauses.prefix(4) {
            try await clause.check(.init(notifier: Whisper(), good: registration))
        }
        let hello = ClientMessage(id: "1", request: .ping)
        print(await server.url, hello.encoded().count, ClientOptions().patience)
    }
}
