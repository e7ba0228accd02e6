// SPDX-License-Identifier: Apache-2.0

/// Where a client connects to.
package struct WebSocketTarget: Sendable, Equatable {
    package var isSecure: Bool

    /// A name or a numeric address, an IPv6 one without brackets.
    package var host: String
    package var port: Int
    package var path: String

    package init(isSecure: Bool, host: String, port: Int, path: String = "/v1/connect") {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.path = path
    }

    /// Reads `ws://host:port/path` or `wss://…`; nil for anything else.
    package init?(_ url: String) {
        let secure = url.hasPrefix("wss://")
        guard secure || url.hasPrefix("ws://") else { return nil }
        let rest = url.dropFirst(secure ? 6 : 5)
        let authority = rest.prefix { $0 != "/" }
        let tail = rest.dropFirst(authority.count)
        guard let (host, port) = Self.split(authority, defaultPort: secure ? 443 : 80) else {
            return nil
        }
        self.init(
            isSecure: secure,
            host: host,
            port: port,
            path: tail.isEmpty ? "/" : String(tail)
        )
    }

    private static func split(
        _ authority: Substring,
        defaultPort: Int
    ) -> (host: String, port: Int)? {
        var host = authority
        var rest = Substring()
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            rest = authority[authority.index(after: end)...]
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            rest = authority[colon...]
        }
        guard !host.isEmpty, !host.contains("@") else { return nil }
        if rest.isEmpty { return (String(host), defaultPort) }
        guard rest.hasPrefix(":"), let port = Int(rest.dropFirst()), (1...65_535).contains(port)
        else { return nil }
        return (String(host), port)
    }
}

extension WebSocketTarget {
    /// The numeric addresses of a host that needs no lookup: its own, or this machine's two for
    /// `localhost` (RFC 6761 §6.3).
    var knownAddresses: [String]? {
        if host.lowercased() == "localhost" { return ["127.0.0.1", "::1"] }
        guard host != "*", !host.isEmpty else { return nil }
        return SocketAddress(host: host, port: port).map { [$0.text] }
    }

    /// The host as the request and TLS name it.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
