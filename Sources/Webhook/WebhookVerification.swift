// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
import VestibuleCrypto

/// Why a webhook is not believed.
package enum WebhookFault: Error, Equatable, Sendable {
    /// A header is missing or no number.
    case malformed

    /// It was signed too long ago, or its clock is ahead: it may be replayed.
    case notNow

    /// No signature fits.
    case forged
}

extension WebhookSecret {
    /// Checks the three headers against a body, as a receiver does.
    ///
    /// `signatures` is the whole of `webhook-signature`: several, separated by spaces, while a
    /// secret is being rotated; versions other than `v1` are passed over. `tolerance` bounds how far
    /// the timestamp may be from `now`, either way.
    package func verify(
        id: String?,
        timestamp: String?,
        signatures: String?,
        body: [UInt8],
        now: Timestamp,
        tolerance: Duration = .seconds(300)
    ) throws(WebhookFault) {
        guard let id, let signatures, let seconds = timestamp.flatMap({ Int64($0) }), seconds >= 0,
            seconds < 1 << 40
        else { throw .malformed }
        let distance = now - Timestamp(milliseconds: seconds * 1000)
        guard distance <= tolerance, distance >= .zero - tolerance else { throw .notNow }
        let expected = Array(signature(id: id, timestamp: seconds, body: body).utf8)
        let isSigned = signatures.split(separator: " ").contains {
            equalInConstantTime(Array($0.utf8), expected)
        }
        guard isSigned else { throw .forged }
    }
}
