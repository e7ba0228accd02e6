// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import CVestibuleWebSockets
import Glibc
import VestibuleBasics
import VestibuleEventLoop

// Accepted sockets, from the listener to their end.
extension TransportServer {
    /// Hands an accepted socket to libwebsockets, which owns it from here on; or hangs up, if there
    /// are as many that are no WebSocket as may be.
    func adopt(_ descriptor: Int32, _ address: String) {
        guard hasRoom(for: address), let vhost = engine.vhost else {
            counted.refused &+= 1
            Glibc.close(descriptor)
            return
        }
        counted.accepted &+= 1
        vestibule_tune_socket(
            descriptor,
            Tuning.requestLowWater,
            Int32(clamping: settings.limits.silence.milliseconds)
        )
        lastPeer &+= 1
        let peer = WebPeer(id: lastPeer, address: address)
        peers[peer.id] = peer
        counted.open += 1
        plain[address, default: 0] += 1
        var info = lws_adopt_desc_t()
        info.vh = vhost
        info.type = lws_adoption_type(
            LWS_ADOPT_SOCKET.rawValue | LWS_ADOPT_HTTP.rawValue | LWS_ADOPT_ALLOW_SSL.rawValue
        )
        info.fd.sockfd = descriptor
        info.opaque = Unmanaged.passUnretained(peer).toOpaque()
        limit(peer, settings.limits.request)
        hasCreated = false
        // On failure it closes the descriptor; if it had made its side of the connection, that is
        // freed later and calls back.
        if lws_adopt_descriptor_vhost_via_info(&info) == nil, !hasCreated { forget(peer) }
    }

    private func hasRoom(for address: String) -> Bool {
        counted.open - counted.webSockets < settings.limits.plain
            && plain[address, default: 0] < settings.limits.plainPerAddress
    }

    /// The peer is none of the plain ones any more.
    func leavePlain(_ peer: WebPeer) {
        let left = (plain[peer.address] ?? 1) - 1
        plain[peer.address] = left > 0 ? left : nil
    }

    /// The peer is gone.
    func forget(_ peer: WebPeer) {
        guard peers.removeValue(forKey: peer.id) != nil else { return }
        peer.wsi = nil
        counted.open -= 1
        if peer.isWebSocket { counted.webSockets -= 1 } else { leavePlain(peer) }
        if let deadline = peer.deadline { loop.cancel(deadline) }
        peer.deadline = nil
        if let retry = peer.retry { loop.cancel(retry) }
        peer.retry = nil
        leaveWork(peer)
        if case .writing(var output) = peer.state {
            let waiter = output.waiter
            output.waiter = nil
            peer.state = .lingering
            waiter?.resume(returning: false)
        }
    }

    /// Ends the peer if it is not done with its present step in time.
    func limit(_ peer: WebPeer, _ time: Duration?) {
        limit(peer, time) { _, peer in
            if let wsi = peer.wsi { vestibule_lws_kill(wsi) }
        }
    }

    /// Does `late` if the peer is not done with its present step in time.
    ///
    /// Every step has its own limit here, so libwebsockets' are taken away: it would end long
    /// answers by them.
    func limit(
        _ peer: WebPeer,
        _ time: Duration?,
        _ late: @escaping (TransportServer, WebPeer) -> Void
    ) {
        if let deadline = peer.deadline { loop.cancel(deadline) }
        if let wsi = peer.wsi { lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0) }
        peer.deadline = time.map { time in
            loop.schedule(after: time) { [self] in
                peer.deadline = nil
                if peers[peer.id] != nil { late(self, peer) }
            }
        }
    }

    /// The peer's request is worked on: somebody has to see if it goes away meanwhile, as nothing
    /// is read from it.
    func joinWork(_ peer: WebPeer) {
        working[peer.id] = peer
        watchWork()
    }

    /// Its request is done with, or the peer is gone: whoever works for it may stop.
    func leaveWork(_ peer: WebPeer) {
        working[peer.id] = nil
        peer.task?.cancel()
        peer.task = nil
    }

    /// Looks at those whose requests are worked on, twice in the time that they have to
    /// acknowledge.
    private func watchWork() {
        guard workWatch == nil, !working.isEmpty else { return }
        let pause = min(.seconds(1), settings.limits.silence / 2)
        workWatch = loop.schedule(after: pause) { [self] in
            workWatch = nil
            // A whole answer on its way has its own limit, and its reader may have said his all.
            for peer in Array(working.values) where peer.isAnswering || peer.isStreaming {
                guard let wsi = peer.wsi, vestibule_is_gone(lws_get_socket_fd(wsi)) != 0 else {
                    continue
                }
                vestibule_lws_kill(wsi)
            }
            watchWork()
        }
    }
}
