// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport

/// A numeric IP address and port, as the sockets calls want it.
struct SocketAddress {
    private(set) var raw = vestibule_address()

    init(_ raw: vestibule_address) {
        self.raw = raw
    }

    /// What `host` spells: a numeric address, `localhost` (127.0.0.1), or `*` (every address,
    /// IPv6 and IPv4).
    init?(host: String, port: Int) {
        let name =
            switch host {
            case "localhost": "127.0.0.1"
            case "*", "": "::"
            default: host
            }
        guard let port = Int32(exactly: port), vestibule_address_parse(&raw, name, port) == 1
        else { return nil }
    }

    /// The address without port; an IPv4 address that came over IPv6 is written as IPv4.
    var text: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress else { return "unknown" }
            withUnsafePointer(to: raw) { vestibule_address_text($0, start, buffer.count) }
            return String(cString: start)
        }
    }

    /// Whether a numeric address means this machine itself.
    static func isLoopback(_ text: String) -> Bool {
        text == "::1" || text.hasPrefix("127.")
    }
}
