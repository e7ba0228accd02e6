// SPDX-License-Identifier: Apache-2.0

package import HTTPTypes
import VestibuleBasics
package import VestibuleHTTPClient
package import VestibuleNotifier

/// Delivers notices as signed POSTs, after the Standard Webhooks specification.
///
/// A registration's `token` is the URL; its `secret` among the parameters, or else the notifier's
/// own, signs. The body is ``NoticeBody``; `webhook-id` is the push's id and the same in every try,
/// so that a receiver can tell a repetition. Whom it may talk to is the client's policy. Each host
/// has a lane of its own; a `Retry-After` counts for its notice only, since a host may be shared.
package final class WebhookNotifier: Notifier {
    private let client: HTTPClient
    private let secret: WebhookSecret?
    private let allowsPlain: Bool
    private let isOpen = Locked(true)

    /// Its name in registrations.
    package let name: String

    /// Bytes of a receiver's answer that are read before the connection is given up: nobody looks
    /// at them.
    private static let maxAnswer = 16_384

    /// A notifier over `client`, which its owner shuts down.
    ///
    /// `allowsPlain` takes http URLs too where the client's policy does.
    package init(
        name: String = "webhook",
        client: HTTPClient,
        secret: WebhookSecret? = nil,
        allowsPlain: Bool = false
    ) {
        self.name = name
        self.client = client
        self.secret = secret
        self.allowsPlain = allowsPlain
    }

    /// The host, with its port where one is given.
    package func lane(for registration: Registration) -> String { webhookHost(registration.token) }

    /// Posts the notice once.
    package func send(
        _ notice: Notice,
        to registration: Registration,
        within allowance: Duration
    ) async -> Verdict {
        guard isOpen.withLock({ $0 }) else { return .failed(reason: "shutdown") }
        guard notice.remaining > .zero else { return .failed(reason: "expired") }
        let own = registration.parameters["secret"]
        guard let secret = own.map({ WebhookSecret($0) }) ?? secret else {
            return .failed(reason: "no_secret")
        }
        let call = call(notice, to: registration, signedWith: secret, within: allowance)
        do {
            return verdict(try await client.perform(call), notice.serverTime)
        } catch {
            return verdict(error)
        }
    }

    /// Sends nothing from now on.
    package func shutdown() async {
        isOpen.withLock { $0 = false }
    }

    private func call(
        _ notice: Notice,
        to registration: Registration,
        signedWith secret: WebhookSecret,
        within allowance: Duration
    ) -> HTTPCall {
        let body = Array(NoticeBody(notice, for: registration).json.utf8)
        let (id, seconds) = (notice.push.text, notice.serverTime.milliseconds / 1000)
        var fields = HTTPFields()
        fields[.contentType] = "application/json"
        fields[.webhookID] = id
        fields[.webhookTimestamp] = String(seconds)
        fields[.webhookSignature] = secret.signature(id: id, timestamp: seconds, body: body)
        return HTTPCall(
            method: .post,
            url: registration.token,
            fields: fields,
            body: body,
            deadline: allowance,
            maxAnswer: Self.maxAnswer,
            allowsPlain: allowsPlain
        )
    }

    private func verdict(_ answer: HTTPAnswer, _ now: Timestamp) -> Verdict {
        let after = answer.fields[.retryAfter].flatMap { retryAfter($0, now: now) }
        return verdict(status: answer.status, after: after)
    }

    private func verdict(status: Int, after: Duration?) -> Verdict {
        switch status {
        case 200..<300: .accepted(reference: nil)
        case 410: .rejectedToken(reason: "http_410", since: nil)
        case 408, 425, 429, 500...: .retry(after: after, reason: "http_\(status)")
        default: .failed(reason: "http_\(status)")
        }
    }

    private func verdict(_ error: HTTPClientError) -> Verdict {
        switch error {
        case .badURL, .refused, .cancelled, .shutDown: .failed(reason: error.description)
        case .unresolvable, .timedOut, .busy, .tls, .connection:
            .retry(after: nil, reason: error.description)
        // It was delivered or not before it began to talk too much.
        case .answerTooLarge(let status): verdict(status: status, after: nil)
        }
    }
}

extension HTTPField.Name {
    /// The headers of Standard Webhooks; the spellings are constant and valid.
    package static let webhookID = HTTPField.Name("webhook-id")!
    package static let webhookTimestamp = HTTPField.Name("webhook-timestamp")!
    package static let webhookSignature = HTTPField.Name("webhook-signature")!
}

/// The authority of a URL without who is named in it, lower case; empty of what is no URL.
func webhookHost(_ url: String) -> String {
    guard let scheme = url.firstRange(of: "://") else { return "" }
    let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] }
    return (host ?? authority).lowercased()
}
