// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleBasics

/// A relay to be compared with.
package struct Peer: Sendable {
    /// Which one.
    package enum Kind: String, CaseIterable, Codable, Sendable {
        /// LoadTests/Peers/epoll_relay.c: the floor.
        case epoll

        /// LoadTests/Peers/beast_relay.cpp.
        case beast

        /// A plain TCP forwarder, with far ends of ours behind it.
        case haproxy

        /// Whether it ends TLS itself.
        package var hasTLS: Bool { self == .beast }
    }

    let kind: Kind

    /// Its program.
    let path: String

    package init(_ kind: Kind, at path: String) {
        self.kind = kind
        self.path = path
    }
}

/// A peer that runs, or nobody: far ends of ours that the near ones connect to.
struct StartedPeer {
    let child: Child?
    let address: EpollAddress

    /// Where it connects to; a forwarder only.
    var far: FarListener?
    let log: String
}

extension StartedPeer {
    /// What frames take without a relay: the far ends are ours, and nobody is between.
    static func direct() throws(LoadFailure) -> StartedPeer {
        let far = try FarListener()
        guard let address = EpollAddress("127.0.0.1", port: far.port) else {
            throw .system("listen", EINVAL)
        }
        return StartedPeer(child: nil, address: address, far: far, log: "/dev/null")
    }
}

extension Peer {
    /// Starts it on these cores, with TLS or without.
    func start(
        in folder: String,
        cores: [Int]?,
        tls: Certificates?
    ) throws(LoadFailure) -> StartedPeer {
        precondition(tls == nil || kind.hasTLS, "A peer without TLS is not asked for it")
        let log = folder + "/peer.log"
        guard kind != .haproxy else { return try forward(in: folder, cores: cores, log: log) }
        let secrets = tls.map { [$0.certificate, $0.key] } ?? []
        let child = try Child(path, ["0"] + secrets, log: log, cores: cores)
        let prefix = "listening on 127.0.0.1:"
        guard let line = child.line(within: .seconds(10)), line.hasPrefix(prefix),
            let port = UInt16(line.dropFirst(prefix.count)),
            var address = EpollAddress("127.0.0.1", port: port)
        else {
            child.stop()
            throw .program("\(path) did not start", log: SmallFile.read(log) ?? "")
        }
        address.tls = tls?.client
        return StartedPeer(child: child, address: address, log: log)
    }
}
