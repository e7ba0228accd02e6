// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An address of the internet protocol, version 4 or 6, without a port.
package enum IPAddress: Hashable, Sendable {
    /// In host order.
    case v4(UInt32)

    /// The first and the last 64 bits, in host order.
    case v6(UInt64, UInt64)

    /// The address that `text` spells in full: dotted decimals, or RFC 4291 §2.2.
    package init?(_ text: String) {
        guard !text.utf8.contains(0) else { return nil }
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self = .v4(UInt32(bigEndian: four.s_addr))
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            self.init(six)
        } else {
            return nil
        }
    }

    /// The address in a socket address (`sockaddr`), read by the layout of ip(7) and ipv6(7),
    /// because which module owns the C type depends on what else is imported; nil for another
    /// family.
    package init?(socketAddress raw: UnsafeRawPointer) {
        switch Int32(raw.loadUnaligned(as: UInt16.self)) {
        case AF_INET:
            self = .v4(UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        case AF_INET6:
            self.init((raw + 8).loadUnaligned(as: in6_addr.self))
        default:
            return nil
        }
    }

    private init(_ address: in6_addr) {
        let (high, low) = withUnsafeBytes(of: address) { bytes in
            (
                bytes.loadUnaligned(as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            )
        }
        self = .v6(UInt64(bigEndian: high), UInt64(bigEndian: low))
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimals, or RFC 5952.
    package var description: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        switch self {
        case .v4(let bits):
            var address = in_addr(s_addr: bits.bigEndian)
            inet_ntop(AF_INET, &address, &buffer, socklen_t(buffer.count))
        case .v6(let high, let low):
            var halves = (high.bigEndian, low.bigEndian)
            inet_ntop(AF_INET6, &halves, &buffer, socklen_t(buffer.count))
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8($0) }, as: UTF8.self)
    }
}
