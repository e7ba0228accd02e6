// SPDX-License-Identifier: Apache-2.0

import Configuration
import VestibuleBasics

extension ServerConfiguration {
    /// The environment variable of a key: `limits.call.ringLeast` is
    /// `VESTIBULE_LIMITS_CALL_RING_LEAST`.
    public static func variable(for key: String) -> String {
        var name = "VESTIBULE_"
        for character in key {
            if character == "." {
                name += "_"
            } else if character.isUppercase {
                name += "_" + String(character)
            } else {
                name += character.uppercased()
            }
        }
        return name
    }

    /// Reads the settings.
    ///
    /// - Parameters:
    ///   - environment: Variables by name; flags of a command line are laid over them by the caller
    ///     (``variable(for:)``), so that flags stand above the environment.
    ///   - file: A YAML file, which must exist where it is named.
    /// - Returns: what holds.
    /// - Throws: ``ConfigurationError`` naming the key and what is wrong with it.
    public static func load(
        environment: [String: String],
        file: String?
    ) async throws -> ServerConfiguration {
        var providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(
                environmentVariables: environment,
                secretsSpecifier: .specific([variable(for: "notifier.webhook.secret")])
            ).prefixKeys(with: "vestibule")
        ]
        if let file { providers.append(try await provider(of: file)) }
        let settings = Settings(ConfigReader(providers: providers))
        guard let data = settings.text("data") else {
            throw ConfigurationError("data is missing: the folder that holds everything")
        }
        var configuration = ServerConfiguration(data: data)
        try configuration.read(settings)
        return configuration
    }

    private static func provider(of file: String) async throws -> any ConfigProvider {
        do {
            return try await FileProvider<YAMLSnapshot>(
                parsingOptions: .init(
                    secretsSpecifier: .dynamic { key, _ in key.hasSuffix("secret") }
                ),
                config: ConfigReader(
                    provider: InMemoryProvider(values: [
                        AbsoluteConfigKey(["filePath"], context: [:]): ConfigValue(
                            .string(file),
                            isSecret: false
                        )
                    ])
                )
            )
        } catch {
            throw ConfigurationError("\(file) cannot be read: \(error)")
        }
    }

    private mutating func read(_ settings: Settings) throws {
        tls = try settings.tls()
        if let listen = settings.text("listen") {
            (host, port) = try Self.address(listen)
        } else if tls != nil {
            port = 8443
        }
        allowsInsecureListening = try settings.flag("insecureListen") ?? false
        loops = try settings.count("loops", 1...64) ?? loops
        pace = try settings.duration("pace") ?? pace
        publicMetrics = try settings.flag("metrics.public") ?? false
        if let format = settings.text("log.format") {
            guard let known = LogFormat(rawValue: format) else {
                throw ConfigurationError("log.format is text or json, not \(format)")
            }
            logFormat = known
        }
        logLevel = settings.text("log.level") ?? logLevel
        notifiesLog = try settings.flag("notifier.log") ?? false
        webhook = try settings.webhook()
        for setting in Limits.settings { try read(setting, settings) }
    }

    private mutating func read(_ setting: Limits.Setting, _ settings: Settings) throws {
        switch setting.kind {
        case .seconds(let path):
            if let value = try settings.duration("limits." + setting.key) {
                limits[keyPath: path] = value
            }
        case .count(let path):
            if let value = try settings.count("limits." + setting.key, 1...Int(Int32.max)) {
                limits[keyPath: path] = value
            }
        }
    }

    /// `HOST:PORT`; an IPv6 host stands in brackets.
    public static func address(_ text: String) throws -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port)
        else { throw ConfigurationError("listen is HOST:PORT, not \(text)") }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { throw ConfigurationError("listen is HOST:PORT, not \(text)") }
        return (host, port)
    }
}

/// Typed reading: a value that does not parse is an error that names its key, never a default.
private struct Settings {
    private let reader: ConfigReader

    init(_ reader: ConfigReader) {
        self.reader = reader
    }

    func text(_ key: String) -> String? {
        let value = reader.string(forKey: ConfigKey(key), isSecret: key.hasSuffix("secret"))
        return value?.isEmpty == true ? nil : value
    }

    func flag(_ key: String) throws -> Bool? {
        guard let text = text(key) else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw ConfigurationError("\(key) is true or false, not \(text)")
        }
    }

    func count(_ key: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let text = text(key) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw ConfigurationError(
                "\(key) is a number from \(range.lowerBound) to \(range.upperBound), not \(text)"
            )
        }
        return value
    }

    /// Seconds, with a fraction if need be.
    func duration(_ key: String) throws -> Duration? {
        guard let text = text(key) else { return nil }
        guard let value = Double(text), value >= 0, value <= 1e9 else {
            throw ConfigurationError("\(key) is a number of seconds, not \(text)")
        }
        return .nanoseconds(Int64(value * 1e9))
    }

    func tls() throws -> ServerConfiguration.TLSFilesSetting? {
        switch (text("tls.certificate"), text("tls.key")) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return .init(certificate: certificate, key: key)
        case (nil, _): throw ConfigurationError("tls.certificate is missing beside tls.key")
        case (_, nil): throw ConfigurationError("tls.key is missing beside tls.certificate")
        }
    }

    func webhook() throws -> ServerConfiguration.WebhookSetting? {
        switch (text("notifier.webhook.url"), text("notifier.webhook.secret")) {
        case (nil, nil): return nil
        case (let url?, let secret?): return .init(url: url, secret: secret)
        case (nil, _): throw ConfigurationError("notifier.webhook.url is missing beside its secret")
        case (_, nil): throw ConfigurationError("notifier.webhook.secret is missing beside its url")
        }
    }
}
