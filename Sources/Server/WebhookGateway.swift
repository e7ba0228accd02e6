// SPDX-License-Identifier: Apache-2.0

import VestibuleEventLoop
import VestibuleHTTPClient
import VestibuleWebhook

/// The operator's push gateway: a notifier with an HTTPS client of its own on a loop.
///
/// The address stands in the operator's file, so it may lead inside; plain HTTP is for gateways on
/// the same machine or behind the same wall.
struct WebhookGateway: Sendable {
    /// What a secret looks like, for who gave another.
    static let secretForm = "is whsec_ and base64 of 24–64 bytes"

    let notifier: WebhookNotifier
    let url: String
    private let client: HTTPClient
    private let resolver: SystemResolver

    init(_ setting: ServerConfiguration.WebhookSetting, on loop: EventLoop) throws {
        guard let secret = WebhookSecret(setting.secret) else {
            throw ConfigurationError("notifier.webhook.secret \(Self.secretForm)")
        }
        url = setting.url
        resolver = SystemResolver()
        client = HTTPClient(loop: loop, policy: .provider, resolver: resolver)
        notifier = WebhookNotifier(client: client, secret: secret, allowsPlain: true)
    }

    /// Before the loop is stopped; a name that is being looked up is not waited for.
    func shutdown() async {
        resolver.stop()
        await client.shutdown()
    }
}
