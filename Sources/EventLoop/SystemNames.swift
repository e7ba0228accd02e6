// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The system's `getaddrinfo`, which blocks: for as long as half a minute where no name server
/// answers.
package enum SystemNames {
    /// Numeric addresses of a name, each once, in the order to try them (RFC 6724).
    package static func lookUp(_ name: String) -> NameService.Answer {
        // EAI_NODATA, which glibc keeps behind _GNU_SOURCE: the name is known, without addresses.
        let noData: Int32 = -5
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(name, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        switch failure {
        case 0: break
        case EAI_NONAME, noData: return .success([])
        default: return .failure(NameFailure(String(cString: gai_strerror(failure))))
        }
        var addresses: [String] = []
        var next = list
        while let entry = next?.pointee {
            if let text = numeric(entry), !addresses.contains(text) { addresses.append(text) }
            next = entry.ai_next
        }
        return .success(addresses)
    }

    private static func numeric(_ entry: addrinfo) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { buffer in
            guard let start = buffer.baseAddress,
                getnameinfo(
                    entry.ai_addr,
                    entry.ai_addrlen,
                    start,
                    socklen_t(buffer.count),
                    nil,
                    0,
                    NI_NUMERICHOST
                ) == 0
            else { return nil }
            return String(cString: start)
        }
    }
}
