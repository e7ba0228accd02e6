// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import VestibuleEventLoop
import VestibuleServer

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a building.",
        discussion: """
            Prints one line on stdout when it is ready: `listening on ws://127.0.0.1:8080`.
            SIGTERM and SIGINT end it within 5 s, SIGHUP reads the certificate again.
            Flags stand above VESTIBULE_… variables, those above the file (`vestibule config` \
            prints one with every setting).
            """
    )

    @OptionGroup var settings: ServerFlags

    func run() async throws {
        let signals = ProcessSignals()
        let configuration = try await settings.load()
        let server = Server(
            configuration: configuration,
            logger: LogOutput.logger(for: configuration)
        )
        do { try await server.start() } catch { throw Console.fail("\(error)") }
        Console.out("listening on \(await server.url)")
        for await request in signals.requests {
            switch request {
            case .reload: await server.reload()
            case .stop:
                await server.stop()
                return
            }
        }
    }
}

/// The flags of a server; each lies over the variable of the same setting.
struct ServerFlags: ParsableArguments {
    @Option(name: .customLong("data"), help: "The folder that holds everything (made if missing).")
    var data: String?

    @Option(help: "HOST:PORT; 127.0.0.1:8080, or 8443 with TLS.")
    var listen: String?

    @Option(help: "Certificate chain, PEM.")
    var tlsCertificate: String?

    @Option(help: "Its private key, PEM.")
    var tlsKey: String?

    @Option(help: "Loop threads.")
    var loops: Int?

    @Flag(help: "Listen beyond loopback without TLS.")
    var insecureListen = false

    @Flag(help: "Write each push to the log.")
    var logPushes = false

    @Option(help: "Log lines as text or json.")
    var logFormat: String?

    @Option(help: "Settings, YAML; DATA/vestibule.yaml where it is there.")
    var config: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Any other setting, such as limits.call.ring=20.",
            valueName: "key=value"
        )
    )
    var others: [String] = []

    func load() async throws -> ServerConfiguration {
        var environment = ProcessInfo.processInfo.environment
        func lay(_ value: String?, over key: String) {
            if let value { environment[ServerConfiguration.variable(for: key)] = value }
        }
        for setting in others {
            guard let equals = setting.firstIndex(of: "=") else {
                throw ValidationError("--set takes key=value, not \(setting)")
            }
            lay(String(setting[setting.index(after: equals)...]), over: String(setting[..<equals]))
        }
        lay(data, over: "data")
        lay(listen, over: "listen")
        lay(tlsCertificate, over: "tls.certificate")
        lay(tlsKey, over: "tls.key")
        lay(loops.map { "\($0)" }, over: "loops")
        lay(insecureListen ? "true" : nil, over: "insecureListen")
        lay(logPushes ? "true" : nil, over: "notifier.log")
        lay(logFormat, over: "log.format")
        do {
            return try await ServerConfiguration.load(
                environment: environment,
                file: file(environment)
            )
        } catch let error as ConfigurationError {
            throw ValidationError(error.description)
        }
    }

    private func file(_ environment: [String: String]) -> String? {
        if let config { return config }
        guard let data = environment[ServerConfiguration.variable(for: "data")] else { return nil }
        let standard = data + "/vestibule.yaml"
        return FileManager.default.fileExists(atPath: standard) ? standard : nil
    }
}
