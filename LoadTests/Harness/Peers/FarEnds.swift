// SPDX-License-Identifier: Apache-2.0

/// Those whom a forwarder connects to, until their request says which pair they belong to.
final class FarEnds: EpollSocketDelegate {
    private let pairs: [PeerPair]
    private var asking: [ObjectIdentifier: EpollSocket] = [:]

    init(of pairs: [PeerPair], on loop: EpollLoop, through listener: FarListener) {
        self.pairs = pairs
        listener.onConnection = { [unowned self] descriptor in
            let socket = EpollSocket(on: loop, accepted: descriptor, delegate: self)
            asking[ObjectIdentifier(socket)] = socket
        }
    }

    func opened(_ socket: EpollSocket) {
        asking[ObjectIdentifier(socket)] = nil
        guard let index = PeerPair.index(of: socket.path), pairs.indices.contains(index) else {
            return socket.close()
        }
        let end = pairs[index].far
        socket.delegate = end
        end.take(socket)
        end.opened(socket)
    }

    /// Such as the one that only asked whether the forwarder listens.
    func closed(_ socket: EpollSocket, code: UInt16?) {
        asking[ObjectIdentifier(socket)] = nil
    }

    func text(_ socket: EpollSocket, _ bytes: UnsafeRawBufferPointer) {}

    func binary(_ socket: EpollSocket, _ bytes: UnsafeRawBufferPointer) {}
}
