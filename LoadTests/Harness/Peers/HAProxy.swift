// SPDX-License-Identifier: Apache-2.0

import CVestibuleEpoll
import Glibc
import VestibuleBasics

extension Peer {
    /// Starts HAProxy between a port of its own and a listener of ours.
    func forward(in folder: String, cores: [Int]?, log: String) throws(LoadFailure) -> StartedPeer {
        let far = try FarListener()
        let port = try Self.freePort()
        let file = folder + "/haproxy.cfg"
        let bytes = Array(Self.configuration(port: port, far: far.port).utf8)
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count,
            close(descriptor) == 0, let address = EpollAddress("127.0.0.1", port: port)
        else { throw .system("write \(file)", errno) }
        let child = try Child(path, ["-db", "-f", file], log: log, cores: cores)
        guard Self.answers(address, while: child) else {
            child.stop()
            throw .program("\(path) did not start", log: SmallFile.read(log) ?? "")
        }
        return StartedPeer(child: child, address: address, far: far, log: log)
    }

    /// Debian's defaults, but for one thread, as everybody else has, and patience.
    static func configuration(port: UInt16, far: UInt16) -> String {
        """
        global
            nbthread 1
        defaults
            mode tcp
            timeout connect 10s
            timeout client 1h
            timeout server 1h
        frontend near
            bind 127.0.0.1:\(port) backlog 4096
            default_backend far
        backend far
            server far 127.0.0.1:\(far)

        """
    }

    /// A port that was free a moment ago: HAProxy does not tell which one it took.
    private static func freePort() throws(LoadFailure) -> UInt16 {
        var port: UInt16 = 0
        let descriptor = vestibule_listen(&port)
        guard descriptor >= 0 else { throw .system("listen", errno) }
        close(descriptor)
        return port
    }

    /// Whether it takes connections within ten seconds; the one that tries goes away unused.
    private static func answers(_ address: EpollAddress, while child: Child) -> Bool {
        let deadline = EpollLoop.clock() + .seconds(10)
        while EpollLoop.clock() < deadline, child.isRunning {
            let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { return false }
            defer { close(descriptor) }
            if address.withSockaddr({ connect(descriptor, $0, $1) }) == 0 { return true }
            poll(nil, 0, 20)
        }
        return false
    }
}
