// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import VestibuleClient
import VestibuleWire

/// How a simulated client reaches its server, and where its orders come from.
struct ClientFlags: ParsableArguments {
    /// The variable that holds a credential.
    static let tokenVariable = "VESTIBULE_TOKEN"

    @Option(help: "ws://HOST:PORT or wss://HOST:PORT.")
    var url = "ws://127.0.0.1:8080"

    @Option(
        help: ArgumentHelp(
            """
            A file with the credential that `seed` or `token` printed; without it the variable \
            VESTIBULE_TOKEN counts.
            """,
            valueName: "file"
        )
    )
    var tokenFile: String?

    @Option(
        help: "The credential itself, for trials: everybody on the machine can read it in `ps`."
    )
    var token: String?

    @Option(help: "Trust the authorities of this PEM file (Certs/authority.pem) and nobody else.")
    var trust: String?

    @Option(
        name: .customLong("do"),
        help: ArgumentHelp(
            """
            Orders, separated by semicolons, instead of lines on stdin. The first that fails ends \
            the script with exit status 1.
            """,
            valueName: "orders"
        )
    )
    var script: String?

    @Option(help: "Seconds that a `wait` for a word may take, and 30 at most for connecting.")
    var patience = 60.0

    func validate() throws {
        guard (0.1...86_400).contains(patience) else {
            throw ValidationError("--patience is a number from 0.1 to 86400")
        }
        guard token == nil || tokenFile == nil else {
            throw ValidationError("--token and --token-file exclude each other")
        }
        guard token != nil || tokenFile != nil || variable != nil else {
            throw ValidationError(
                "a credential is missing: --token-file FILE, or the variable \(Self.tokenVariable)"
            )
        }
    }

    private var variable: String? {
        let value = ProcessInfo.processInfo.environment[Self.tokenVariable]
        return value?.isEmpty == false ? value : nil
    }

    /// The credential; the nearest place counts.
    func credential() throws -> String {
        if let token { return token }
        guard let tokenFile else { return variable ?? "" }
        guard let text = try? String(contentsOfFile: tokenFile, encoding: .utf8) else {
            throw Console.fail("\(tokenFile) cannot be read")
        }
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty else { throw Console.fail("\(tokenFile) holds no credential") }
        return token
    }

    var options: ClientOptions {
        var options = ClientOptions()
        if let trust { options.trust = .file(trust) }
        options.patience = .milliseconds(Int(min(patience, 30) * 1_000))
        options.media = .simulated
        options.model = "simulator"
        return options
    }
}

extension MediaAbilities {
    /// What the simulated camera, screen and microphone can do.
    static let simulated = MediaAbilities(
        maxWidth: 640,
        maxHeight: 480,
        fps: 15,
        screen: true,
        microphone: true
    )
}
