// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCrypto

/// A shared secret of the Standard Webhooks specification (1.0): `whsec_` and base64.
///
/// Signs what we send, and checks what came for receivers and tests. It cannot be printed.
package struct WebhookSecret: Sendable, Equatable {
    private let key: [UInt8]

    /// Reads a secret of 24 to 64 bytes; nil if `text` is none.
    package init?(_ text: String) {
        guard text.hasPrefix("whsec_"), let key = Base64.decode(text.dropFirst(6)),
            (24...64).contains(key.count)
        else { return nil }
        self.key = key
    }

    /// Draws a new one and gives its text, once.
    package static func draw() -> String { "whsec_" + Base64.encode(secureRandomBytes(32)) }

    /// The value of `webhook-signature`: `v1,` and the HMAC of `id.timestamp.body`.
    ///
    /// `timestamp` are seconds since 1970, as in `webhook-timestamp`.
    package func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        "v1," + Base64.encode(Digest256.hmac(of: signed(id, timestamp, body), key: key).bytes)
    }

    private func signed(_ id: String, _ timestamp: Int64, _ body: [UInt8]) -> [UInt8] {
        Array("\(id).\(timestamp).".utf8) + body
    }
}

extension WebhookSecret: CustomStringConvertible, CustomReflectable {
    /// Always the same.
    package var description: String { "whsec_…" }

    /// Without children.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
