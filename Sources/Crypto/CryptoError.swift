// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL

/// Why a certificate could not be made or read.
package enum CryptoError: Error, Equatable, CustomStringConvertible {
    /// The text holds no certificate or key in PEM (RFC 7468) that OpenSSL understands.
    case notPEM(String)

    /// A name that is neither a DNS name nor an IP address.
    case badName(String)

    /// OpenSSL refused for another reason; `detail` is its own word.
    case refused(operation: String, detail: String)

    /// A sentence for the operator.
    package var description: String {
        switch self {
        case .notPEM(let what): "this is no \(what) in PEM"
        case .badName(let name): "\(name) is neither a DNS name nor an IP address"
        case .refused(let operation, let detail): "could not \(operation): \(detail)"
        }
    }

    /// The newest entry of OpenSSL's queue of this thread, which is emptied.
    static func last(_ operation: String) -> CryptoError {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let reason = ERR_reason_error_string(code) else {
            return .refused(operation: operation, detail: "no reason given")
        }
        return .refused(operation: operation, detail: String(cString: reason))
    }
}
