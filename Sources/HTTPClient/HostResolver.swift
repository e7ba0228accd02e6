// SPDX-License-Identifier: Apache-2.0

package import VestibuleEventLoop

/// Finds the addresses of a host, somewhere else than on a loop.
package protocol HostResolver: Sendable {
    /// Calls `found` once, from any thread: with addresses in the order to try them, none if there
    /// is nobody of that name, or why nobody knows.
    ///
    /// Who does not want to know any more cancels the lookup that is returned.
    func resolve(
        _ host: String,
        _ found: @escaping @Sendable (Result<[IPAddress], NameFailure>) -> Void
    ) -> NameLookup
}

/// The system's names, by a ``NameService`` of its own.
package final class SystemResolver: HostResolver {
    private let names: NameService

    /// Starts nothing before the first name.
    package init(names: NameService = NameService()) {
        self.names = names
    }

    package func resolve(
        _ host: String,
        _ found: @escaping @Sendable (Result<[IPAddress], NameFailure>) -> Void
    ) -> NameLookup {
        names.find(host) { answer in
            found(answer.map { $0.compactMap { IPAddress($0) } })
        }
    }

    /// Gives up what waits; a lookup in hand, which may take half a minute, is not waited for.
    package func stop() { names.stop() }
}

/// Knows names by heart: for tests, and for who pins a provider's address.
package struct FixedResolver: HostResolver {
    private let hosts: [String: [IPAddress]]

    package init(_ hosts: [String: [IPAddress]]) {
        self.hosts = hosts
    }

    package func resolve(
        _ host: String,
        _ found: @escaping @Sendable (Result<[IPAddress], NameFailure>) -> Void
    ) -> NameLookup {
        found(.success(hosts[host] ?? []))
        return NameLookup()
    }
}
