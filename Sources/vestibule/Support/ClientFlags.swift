// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import VestibuleClient
import VestibuleEventLoop
import VestibuleWire

/// How a simulated client reaches its server, and where its orders come from.
struct ClientFlags: ParsableArguments {
    @Option(help: "ws://HOST:PORT or wss://HOST:PORT.")
    var url = "ws://127.0.0.1:8080"

    @Option(help: "The credential that `seed` or `token` printed.")
    var token: String

    @Option(help: "Trust the authorities of this PEM file (Certs/authority.pem) and nobody else.")
    var trust: String?

    @Option(
        name: .customLong("do"),
        help: ArgumentHelp(
            "Orders, separated by semicolons, instead of lines on stdin.",
            valueName: "orders"
        )
    )
    var script: String?

    var options: ClientOptions {
        var options = ClientOptions()
        if let trust { options.trust = .file(trust) }
        options.media = MediaAbilities(
            maxWidth: 640,
            maxHeight: 480,
            fps: 15,
            screen: true,
            microphone: true
        )
        options.model = "simulator"
        return options
    }

    /// The orders as words, one after the other; ends with the script or with stdin.
    var orders: AsyncStream<[String]> {
        let (stream, continuation) = AsyncStream<[String]>.makeStream()
        if let script {
            for order in script.split(separator: ";") { continuation.yield(Self.words(order)) }
            continuation.finish()
        } else {
            let reader = Worker(name: "stdin", capacity: 1)
            _ = reader.submit {
                while let line = readLine() { continuation.yield(Self.words(line)) }
                continuation.finish()
            }
            continuation.onTermination = { _ in _ = reader }
        }
        return stream
    }

    private static func words(_ line: some StringProtocol) -> [String] {
        String(line).split { $0.isWhitespace }.map { String($0) }
    }
}

/// Where a simulated client is, so that a script can wait for it.
actor Stage {
    private var reached: Set<String> = []
    private var waiting: [(stage: String, continuation: CheckedContinuation<Void, Never>)] = []

    /// A stage begins; the others of `instead` are over.
    func enter(_ stage: String, instead others: [String] = []) {
        reached.subtract(others)
        reached.insert(stage)
        let due = waiting.filter { $0.stage == stage }
        waiting.removeAll { $0.stage == stage }
        for waiter in due { waiter.continuation.resume() }
    }

    /// Waits until the stage has begun.
    func wait(for stage: String) async {
        guard !reached.contains(stage) else { return }
        await withCheckedContinuation { waiting.append((stage, $0)) }
    }

    /// Lets everybody go on.
    func end() {
        for waiter in waiting { waiter.continuation.resume() }
        waiting = []
    }
}
