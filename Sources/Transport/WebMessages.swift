// SPDX-License-Identifier: Apache-2.0

package import HTTPTypes

/// An HTTP request as a server's handler gets it: whole, its body bounded.
package struct WebRequest: Sendable {
    /// Method, path with query (percent-encoded anew), and the header fields that the server
    /// reads.
    package var head: HTTPRequest

    /// The path without query, decoded and normalised: `%2F` in a segment has become a slash.
    package var path: String

    /// The query's items in order, decoded; an item without `=` has an empty value.
    package var query: [(name: String, value: String)]

    /// The body; empty if none came.
    package var body: [UInt8]

    /// Who asks: a numeric address.
    ///
    /// Behind a proxy it is the proxy's.
    package var remoteAddress: String

    /// Whether the peer is this machine itself, and says of nobody else that it asks for him: what
    /// a proxy on this machine passes on comes from outside.
    package var isLoopback: Bool {
        SocketAddress.isLoopback(remoteAddress)
            && !Self.forwarding.contains { headerFields[$0] != nil }
    }

    /// The fields by which proxies name whom they ask for.
    private static let forwarding = ["forwarded", "x-forwarded-for", "x-real-ip"].compactMap {
        HTTPField.Name($0)
    }

    package var method: HTTPRequest.Method { head.method }
    package var headerFields: HTTPFields { head.headerFields }

    package init(
        head: HTTPRequest,
        path: String,
        query: [(name: String, value: String)],
        body: [UInt8],
        remoteAddress: String
    ) {
        self.head = head
        self.path = path
        self.query = query
        self.body = body
        self.remoteAddress = remoteAddress
    }
}

/// What a server's handler answers.
package struct WebResponse: Sendable {
    /// The content of an answer.
    package enum Body: Sendable {
        case bytes([UInt8])

        /// Sent piece by piece as it comes, each piece when the last one has left; ended early if
        /// the peer goes.
        case stream(AsyncStream<[UInt8]>)
    }

    package var status: HTTPResponse.Status
    package var headerFields: HTTPFields
    package var body: Body

    package init(
        status: HTTPResponse.Status,
        headerFields: HTTPFields = [:],
        body: Body = .bytes([])
    ) {
        self.status = status
        self.headerFields = headerFields
        self.body = body
    }

    /// A short answer in plain text.
    package init(status: HTTPResponse.Status, text: String) {
        self.init(
            status: status,
            headerFields: [.contentType: "text/plain; charset=utf-8"],
            body: .bytes(Array(text.utf8))
        )
    }
}

/// Answers requests.
///
/// Called once for each, preferring the loop as its executor; other requests are
/// served meanwhile. Cancelled when its time is over (`TransportLimits.handler`), which the peer
/// is told by 503, and when the peer is gone.
package typealias WebHandler = @Sendable (WebRequest) async -> WebResponse
