// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import VestibuleAccessCore
import VestibuleWire

/// Which loop of a server in this process each of its sockets is on, as the kernel knows it: a
/// loop waits with one epoll descriptor, and Linux lists in `/proc/self/fdinfo` what that watches.
///
/// So the server tells nobody its loops, and a test still knows them.
enum LoopFinder {
    /// The epoll descriptor that watches each socket accepted on `port`, by the peer's port.
    static func sockets(ofServerOn port: Int) -> [UInt16: Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        let descriptors = names.compactMap { Int32($0) }
        var peers: [Int32: UInt16] = [:]
        var watchers: [Int32: Set<Int32>] = [:]
        for descriptor in descriptors {
            let path = "/proc/self/fd/\(descriptor)"
            let kind = (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? ""
            if kind == "anon_inode:[eventpoll]" {
                watchers[descriptor] = watched(by: descriptor)
            } else if kind.hasPrefix("socket:"), self.port(getsockname, descriptor) == port,
                let peer = self.port(getpeername, descriptor)
            {
                peers[descriptor] = UInt16(peer)
            }
        }
        var found: [UInt16: Int32] = [:]
        for (socket, peer) in peers {
            found[peer] = watchers.first { $0.value.contains(socket) }?.key
        }
        return found
    }

    /// The lines `tfd: 12 events: …` of an epoll descriptor.
    private static func watched(by descriptor: Int32) -> Set<Int32> {
        let path = "/proc/self/fdinfo/\(descriptor)"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return Set(
            text.split(separator: "\n").compactMap { line in
                guard line.hasPrefix("tfd:") else { return nil }
                return line.dropFirst(4).split(separator: " ").first.flatMap { Int32($0) }
            }
        )
    }

    private static func port(
        _ call: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32,
        _ descriptor: Int32
    ) -> Int? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(descriptor, $0, &length)
            }
        }
        guard result == 0, address.sin_family == sa_family_t(AF_INET) else { return nil }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// A peer, and the loop that its socket is on.
struct Placed: Sendable {
    let peer: Peer
    let loop: Int32
}

extension TestServer {
    /// A socket on a loop that `isWanted`, without a hello.
    ///
    /// The kernel chooses the loop, so sockets are opened until one is there. Nobody else may
    /// connect meanwhile.
    func placed(on isWanted: (Int32) -> Bool = { _ in true }) async throws -> Placed {
        for _ in 0..<64 {
            let before = LoopFinder.sockets(ofServerOn: port)
            let peer = try await socket()
            let new = LoopFinder.sockets(ofServerOn: port).filter { before[$0.key] == nil }
            guard let loop = new.first?.value, new.count == 1 else {
                throw Disappointment("the new socket is on no loop: \(new)")
            }
            if isWanted(loop) { return Placed(peer: peer, loop: loop) }
            try await peer.drop()
        }
        throw Disappointment("64 sockets were all on another loop")
    }

    /// A socket of this principal on such a loop, welcomed.
    func connect(
        _ principal: Principal,
        on isWanted: (Int32) -> Bool,
        resume: Resume? = nil
    ) async throws -> Placed {
        let placed = try await placed(on: isWanted)
        try await placed.peer.hello(
            building.token(principal),
            as: principal.text,
            resume: resume
        )
        return placed
    }
}
