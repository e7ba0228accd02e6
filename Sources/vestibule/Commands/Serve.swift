// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import VestibuleEventLoop
import VestibuleServer

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a building.",
        discussion: """
            Prints one line on stdout when it is ready: `listening on ws://127.0.0.1:8080`. \
            Logs go to stderr.

            SIGTERM and SIGINT end it within 5 s, SIGHUP reads the certificate again.

            Flags stand above VESTIBULE_… variables, those above the file, those above the \
            defaults; `vestibule config` prints every setting with its default.
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
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await Self.obey(signals, server) }
            do { try await server.start() } catch ServerError.stopped { return } catch {
                group.cancelAll()
                throw Console.fail("\(error)")
            }
            Console.announce("listening on \(await server.url)")
            try await group.waitForAll()
        }
    }

    /// Until the process is asked to end; also while the server still starts.
    private static func obey(_ signals: ProcessSignals, _ server: Server) async {
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
    @Option(name: .customLong("data"), help: "The folder that holds everything (`serve` makes it).")
    var data: String?

    @Option(help: "HOST:PORT; 127.0.0.1:8080 where nothing is said, port 8443 with TLS.")
    var listen: String?

    @Option(help: "Certificate chain, PEM; turns TLS on (`vestibule certs` makes one to try).")
    var tlsCertificate: String?

    @Option(help: "Its private key, PEM.")
    var tlsKey: String?

    @Option(help: "Loop threads, 1–64; one carries hundreds of calls (default: 1).")
    var loops: Int?

    @Flag(help: "Listen beyond loopback without TLS: only behind something that does it.")
    var insecureListen = false

    @Flag(help: "Write each push to the log, for development.")
    var logPushes = false

    @Option(help: "Log lines as text or json (default: text).")
    var logFormat: String?

    @Option(help: "Settings, YAML (default: DATA/vestibule.yaml, if there is one).")
    var config: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Any setting that `vestibule config` names, such as limits.call.ring=20; repeat it.",
            valueName: "key=value"
        )
    )
    var others: [String] = []

    func load() async throws -> ServerConfiguration {
        var environment = ProcessInfo.processInfo.environment
        for warning in ServerConfiguration.warnings(
            about: environment,
            besides: [ClientFlags.tokenVariable]
        ) { Console.note("vestibule: warning: \(warning)") }
        func lay(_ value: String?, over key: String) {
            if let value { environment[ServerConfiguration.variable(for: key)] = value }
        }
        for setting in others {
            let (key, value) = try Self.parts(of: setting)
            lay(value, over: key)
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
            guard error.file == nil else { throw Console.fail(error.description) }
            throw ValidationError(error.description)
        }
    }

    /// `key=value` of a setting that there is.
    static func parts(of setting: String) throws -> (key: String, value: String) {
        guard let equals = setting.firstIndex(of: "="), setting.last != "=" else {
            throw ValidationError("--set takes key=value, not \(setting)")
        }
        let key = String(setting[..<equals])
        do { try ServerConfiguration.check(key: key) } catch {
            throw ValidationError("--set: \(error)")
        }
        return (key, String(setting[setting.index(after: equals)...]))
    }

    private func file(_ environment: [String: String]) -> String? {
        if let config { return config }
        guard let data = environment[ServerConfiguration.variable(for: "data")] else { return nil }
        let standard = data + "/vestibule.yaml"
        return FileManager.default.fileExists(atPath: standard) ? standard : nil
    }
}
