// SPDX-License-Identifier: Apache-2.0

import Configuration
import Logging
import VestibuleBasics
import VestibuleWebhook

extension ServerConfiguration {
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
        let environment = environment.filter { !$0.value.isEmpty }
        let file = try file.map { try SettingsFile($0) }
        let settings = Settings(environment: environment, file: file)
        guard let data = settings.text("data") else {
            throw ConfigurationError("data is missing: the folder that holds everything")
        }
        var configuration = ServerConfiguration(data: data)
        try configuration.read(settings)
        return configuration
    }

    private mutating func read(_ settings: Settings) throws {
        tls = try settings.tls()
        if let listen = settings.text("listen") {
            guard let place = HostPort(listen) else {
                throw settings.fault("listen", "is HOST:PORT, not \(listen)")
            }
            (host, port) = (place.host, place.port)
        } else if tls != nil {
            port = 8443
        }
        allowsInsecureListening = try settings.flag("insecureListen") ?? false
        loops = try settings.count("loops", 1...64) ?? loops
        pace = try settings.duration("pace", 0...0.1) ?? pace
        publicMetrics = try settings.flag("metrics.public") ?? false
        if let format = settings.text("log.format") {
            guard let known = LogFormat(rawValue: format) else {
                throw settings.fault("log.format", "is text or json, not \(format)")
            }
            logFormat = known
        }
        logLevel = try settings.word("log.level", Logger.Level.allCases.map(\.rawValue)) ?? logLevel
        notifiesLog = try settings.flag("notifier.log") ?? false
        webhook = try settings.webhook()
        for setting in Limits.settings { try read(setting, settings) }
        try checkOrder(settings)
    }

    /// Bounds that mean nothing together.
    private func checkOrder(_ settings: Settings) throws {
        guard limits.call.ringLeast <= limits.call.ringMost else {
            throw settings.fault("limits.call.ringLeast", "is more than limits.call.ringMost")
        }
        guard limits.session.callHeartbeat < limits.session.callSilence else {
            throw settings.fault(
                "limits.session.callSilence",
                "is no longer than limits.session.callHeartbeat: every call would be lost"
            )
        }
    }

    private mutating func read(_ setting: Limits.Setting, _ settings: Settings) throws {
        switch setting.kind {
        case .seconds(let path):
            let range = (setting.mayBeZero ? 0 : 0.001)...1e9
            if let value = try settings.duration("limits." + setting.key, range) {
                limits[keyPath: path] = value
            }
        case .count(let path):
            if let value = try settings.count("limits." + setting.key, 1...Int(Int32.max)) {
                limits[keyPath: path] = value
            }
        }
    }
}

/// Typed reading: a value that does not parse is an error that names its key, never a default.
private struct Settings {
    private let environment: [String: String]
    private let file: SettingsFile?
    private let reader: ConfigReader

    /// Variables above the file.
    init(environment: [String: String], file: SettingsFile?) {
        self.environment = environment
        self.file = file
        var providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(
                environmentVariables: environment,
                secretsSpecifier: .specific([
                    ServerConfiguration.variable(for: "notifier.webhook.secret")
                ])
            ).prefixKeys(with: "vestibule")
        ]
        if let file { providers.append(Self.provider(of: file)) }
        reader = ConfigReader(providers: providers)
    }

    private static func provider(of file: SettingsFile) -> any ConfigProvider {
        let values = file.values.map { key, text in
            (
                AbsoluteConfigKey(key.split(separator: ".").map(String.init), context: [:]),
                ConfigValue(.string(text), isSecret: key.hasSuffix("secret"))
            )
        }
        return InMemoryProvider(values: Dictionary(uniqueKeysWithValues: values))
    }

    /// What is wrong with the value of a key, and where that stands.
    func fault(_ key: String, _ words: String) -> ConfigurationError {
        let isGiven = environment[ServerConfiguration.variable(for: key)] != nil
        guard let file, !isGiven, file.values[key] != nil else {
            return ConfigurationError("\(key) \(words)")
        }
        return ConfigurationError("\(file.path): \(key) \(words)", in: file.path)
    }

    func text(_ key: String) -> String? {
        let value = reader.string(forKey: ConfigKey(key), isSecret: key.hasSuffix("secret"))
        return value?.isEmpty == true ? nil : value
    }

    /// One of some words.
    func word(_ key: String, _ words: [String]) throws -> String? {
        guard let text = text(key) else { return nil }
        guard words.contains(text) else {
            let list = words.joined(separator: ", ")
            throw fault(
                key,
                "is one of \(list), not \(text)" + Nearest.hint(for: text, among: words)
            )
        }
        return text
    }

    func flag(_ key: String) throws -> Bool? {
        guard let text = text(key) else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw fault(key, "is true or false, not \(text)")
        }
    }

    func count(_ key: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let text = text(key) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw fault(
                key,
                "is a number from \(range.lowerBound) to \(range.upperBound), not \(text)"
            )
        }
        return value
    }

    /// Seconds, with a fraction if need be.
    func duration(_ key: String, _ range: ClosedRange<Double>) throws -> Duration? {
        guard let text = text(key) else { return nil }
        guard let value = Double(text), range.contains(value) else {
            throw fault(
                key,
                "is a number of seconds from \(range.lowerBound.plain) to "
                    + "\(range.upperBound.plain), not \(text)"
            )
        }
        return .nanoseconds(Int64(value * 1e9))
    }

    func tls() throws -> ServerConfiguration.TLSFilesSetting? {
        switch (text("tls.certificate"), text("tls.key")) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return .init(certificate: certificate, key: key)
        case (nil, _): throw fault("tls.key", "stands without tls.certificate")
        case (_, nil): throw fault("tls.certificate", "stands without tls.key")
        }
    }

    func webhook() throws -> ServerConfiguration.WebhookSetting? {
        let (url, secret) = ("notifier.webhook.url", "notifier.webhook.secret")
        switch (text(url), text(secret)) {
        case (nil, nil): return nil
        case (nil, _): throw fault(secret, "stands without \(url)")
        case (_, nil): throw fault(url, "stands without \(secret)")
        case (let address?, let word?):
            guard address.hasPrefix("https://") || address.hasPrefix("http://") else {
                throw fault(url, "is https://… or http://…, not \(address)")
            }
            guard WebhookSecret(word) != nil else {
                throw fault(secret, WebhookGateway.secretForm)
            }
            return .init(url: address, secret: word)
        }
    }
}
