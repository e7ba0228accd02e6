// SPDX-License-Identifier: Apache-2.0

/// Why a call has no answer.
///
/// None names the URL, which may be a secret.
package enum HTTPClientError: Error, Equatable, Sendable {
    /// No absolute http or https URL, or one with a user.
    case badURL

    /// The policy does not allow it to go there.
    case refused(AddressPolicy.Refusal)

    /// The host's name leads nowhere, or nobody knows now.
    case unresolvable(String)

    /// The deadline passed.
    case timedOut

    /// The calling task was cancelled.
    case cancelled

    /// The answer, or its header, is longer than the caller takes; its status, 0 if not yet known.
    case answerTooLarge(status: Int)

    /// As many calls are under way as may be.
    case busy

    /// The client was shut down.
    case shutDown

    /// The other side's certificate is not trusted, or TLS failed otherwise.
    case tls(String)

    /// No connection, or it was lost.
    case connection(String)
}

extension HTTPClientError: CustomStringConvertible {
    /// A short stable word, with libcurl's general words where it has some.
    package var description: String {
        switch self {
        case .badURL: "bad_url"
        case .refused(let refusal): refusal.description
        case .unresolvable(let reason): "unresolvable: \(reason)"
        case .timedOut: "timed_out"
        case .cancelled: "cancelled"
        case .answerTooLarge: "answer_too_large"
        case .busy: "busy"
        case .shutDown: "shutdown"
        case .tls(let reason): "tls: \(reason)"
        case .connection(let reason): "connection: \(reason)"
        }
    }
}
