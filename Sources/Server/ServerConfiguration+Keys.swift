// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension ServerConfiguration {
    /// Every key that means something, dotted.
    public static let keys: [String] =
        [
            "data", "listen", "tls.certificate", "tls.key", "insecureListen", "loops", "pace",
            "metrics.public", "log.format", "log.level", "notifier.log", "notifier.webhook.url",
            "notifier.webhook.secret",
        ] + Limits.settings.map { "limits." + $0.key }

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

    /// Throws a ``ConfigurationError`` with the nearest key unless `key` means something.
    public static func check(key: String) throws {
        guard !keys.contains(key) else { return }
        throw ConfigurationError("\(key) is no setting" + Nearest.hint(for: key, among: keys))
    }

    /// A sentence for each `VESTIBULE_…` variable that means nothing, with the nearest that does.
    ///
    /// Only a warning: another program of ours, or a later version, may know it.
    public static func warnings(
        about environment: [String: String],
        besides others: [String] = []
    ) -> [String] {
        let known = keys.map(variable) + others
        return environment.keys.filter { $0.hasPrefix("VESTIBULE_") && !known.contains($0) }
            .sorted()
            .map { "\($0) is no setting and is ignored" + Nearest.hint(for: $0, among: known) }
    }
}
