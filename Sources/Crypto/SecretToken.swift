// SPDX-License-Identifier: Apache-2.0

/// A bearer secret of ours: `vst_`, what it opens, and 256 random bits in base64url.
///
/// It is shown once, where it is issued; the server keeps only its ``digest``. It cannot be printed
/// by accident: only ``reveal()`` gives the text. The fixed beginning lets secret scanners find it
/// in places where it should not be.
package struct SecretToken: Sendable {
    /// What a token opens, the middle part of its text.
    package struct Kind: RawRepresentable, Hashable, Sendable {
        package let rawValue: String

        /// A kind of its own; lower-case letters only, so that the text splits at underscores.
        package init(rawValue: String) {
            precondition(
                !rawValue.isEmpty && rawValue.utf8.allSatisfy { (97...122).contains($0) },
                "a token's kind is a word of lower-case letters"
            )
            self.rawValue = rawValue
        }

        /// A panel's credential.
        package static let panel = Kind(rawValue: "panel")

        /// A resident device's credential.
        package static let device = Kind(rawValue: "device")
    }

    private let text: String

    /// What it opens.
    package let kind: Kind

    /// Draws a new token.
    package init(_ kind: Kind) {
        self.kind = kind
        text = "vst_" + kind.rawValue + "_" + Base64.encode(secureRandomBytes(32), .url)
    }

    /// What the server keeps: SHA-256 is enough, since nobody guesses 256 bits.
    package var digest: Digest256 { Self.digest(of: text) }

    /// The text, for the one who shall use it.
    package func reveal() -> String { text }

    /// The digest under which a token that a client sent is looked up.
    package static func digest(of sent: String) -> Digest256 { .sha256(of: sent) }
}

extension SecretToken: CustomStringConvertible, CustomReflectable {
    /// The kind and the beginning of the digest.
    package var description: String { "vst_\(kind.rawValue)_…(\(digest))" }

    /// Without children, so that `dump` shows no more than `print`.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
