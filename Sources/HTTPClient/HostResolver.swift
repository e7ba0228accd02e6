// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleEventLoop

/// Finds the addresses of a host, somewhere else than on a loop.
package protocol HostResolver: Sendable {
    /// Calls `found` once, from any thread: with addresses in the order to try them, none if there
    /// is nobody of that name, or why nobody knows.
    func resolve(
        _ host: String,
        _ found: @escaping @Sendable (Result<[IPAddress], ResolverFailure>) -> Void
    )
}

/// Why a name could not be looked up.
package struct ResolverFailure: Error, Equatable, Sendable {
    package let reason: String

    package init(_ reason: String) {
        self.reason = reason
    }
}

/// The system's `getaddrinfo`, which blocks, on threads of its own.
package final class SystemResolver: HostResolver {
    private let workers: [Worker]

    /// Starts the threads; a name server that does not answer holds one for half a minute.
    package init(threads: Int = 2, capacity: Int = 256) {
        precondition(threads > 0, "somebody has to look names up")
        workers = (0..<threads).map { Worker(name: "resolver-\($0)", capacity: capacity) }
    }

    /// Asks the thread with the least to do.
    package func resolve(
        _ host: String,
        _ found: @escaping @Sendable (Result<[IPAddress], ResolverFailure>) -> Void
    ) {
        let idlest = workers.min { $0.backlog < $1.backlog }
        let isTaken = idlest?.submit { found(Self.lookUp(host)) } ?? false
        if !isTaken { found(.failure(ResolverFailure("too many names to look up"))) }
    }

    /// Ends the threads after what they have in hand.
    package func stop() async {
        for worker in workers { await worker.stop() }
    }

    private static func lookUp(_ host: String) -> Result<[IPAddress], ResolverFailure> {
        // EAI_NODATA, which glibc keeps behind _GNU_SOURCE: the name is known, without addresses.
        let noData: Int32 = -5
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(host, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        switch failure {
        case 0: break
        case EAI_NONAME, noData: return .success([])
        default: return .failure(ResolverFailure(String(cString: gai_strerror(failure))))
        }
        var addresses: [IPAddress] = []
        var next = list
        while let entry = next {
            if let address = entry.pointee.ai_addr.flatMap({ IPAddress(socketAddress: $0) }),
                !addresses.contains(address)
            {
                addresses.append(address)
            }
            next = entry.pointee.ai_next
        }
        return .success(addresses)
    }
}

/// Knows names by heart: for tests, and for who pins a provider's address.
package struct FixedResolver: HostResolver {
    private let hosts: [String: [IPAddress]]

    package init(_ hosts: [String: [IPAddress]]) {
        self.hosts = hosts
    }

    package func resolve(
        _ host: String,
        _ found: @escaping @Sendable (Result<[IPAddress], ResolverFailure>) -> Void
    ) {
        found(.success(hosts[host] ?? []))
    }
}
