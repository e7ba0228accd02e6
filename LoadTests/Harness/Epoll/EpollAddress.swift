// SPDX-License-Identifier: Apache-2.0

import CVestibuleEpoll
import Glibc

/// A numeric address and a port: a generator asks no name server.
package struct EpollAddress: Sendable {
    /// Whom to trust there; nil: no TLS.
    package var tls: TLSClient?

    /// As it stands in `Host`.
    let text: String

    /// The address alone, for which a certificate must be.
    let host: String
    let family: Int32
    private let storage: [UInt8]

    /// `127.0.0.1` or `::1`, and a port; nil for what is no address.
    package init?(_ host: String, port: UInt16) {
        self.host = host
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if inet_pton(AF_INET, host, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            family = AF_INET
            text = "\(host):\(port)"
            storage = withUnsafeBytes(of: four) { Array($0) }
        } else if inet_pton(AF_INET6, host, &six.sin6_addr) == 1 {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            family = AF_INET6
            text = "[\(host)]:\(port)"
            storage = withUnsafeBytes(of: six) { Array($0) }
        } else {
            return nil
        }
    }

    func withSockaddr<Result>(
        _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result
    ) -> Result {
        storage.withUnsafeBytes { bytes in
            body(
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count)
            )
        }
    }
}
