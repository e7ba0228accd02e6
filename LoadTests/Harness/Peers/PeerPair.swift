// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// One socket of a pair, and the party that speaks over it.
final class PeerEnd: EpollSocketDelegate {
    let party: Party
    private(set) var isOpen = false
    private(set) var socket: EpollSocket?
    private let measures: Measures
    private var isLeaving = false

    init(_ index: Int, kit: MediaKit) {
        measures = kit.measures
        // The party's sending needs the end that owns it.
        let link = Link()
        party = Party(index, kit: kit) { link.socket?.send($0, $1) ?? false }
        self.link = link
    }

    private final class Link {
        weak var socket: EpollSocket?
    }

    private let link: Link

    /// Speaks over this one from now on.
    func take(_ socket: EpollSocket) {
        self.socket = socket
        link.socket = socket
    }

    func leave() {
        isLeaving = true
        socket?.close()
        socket = nil
    }

    func opened(_ socket: EpollSocket) { isOpen = true }

    func text(_ socket: EpollSocket, _ bytes: UnsafeRawBufferPointer) {
        measures.fault(.malformed, "a text of \(bytes.count) bytes")
    }

    func binary(_ socket: EpollSocket, _ bytes: UnsafeRawBufferPointer) { party.arrived(bytes) }

    func flushed(_ socket: EpollSocket) { party.left() }

    func closed(_ socket: EpollSocket, code: UInt16?) {
        isOpen = false
        if !isLeaving { measures.fault(.lostConnection, "code \(code.map(String.init) ?? "none")") }
    }
}

/// Two ends that find each other by their path, and talk as the two of a call do.
final class PeerPair {
    let near: PeerEnd
    let far: PeerEnd
    private let path: String
    private let handle: UInt32

    init(_ index: Int, kit: MediaKit) {
        path = Self.path(of: index)
        handle = UInt32(index + 1)
        near = PeerEnd(2 * index, kit: kit)
        far = PeerEnd(2 * index + 1, kit: kit)
        near.party.peer = far.party
        far.party.peer = near.party
    }

    static func path(of index: Int) -> String { "/pair/\(index)" }

    /// Which pair a far end's path asks for; nil for none.
    static func index(of path: String) -> Int? {
        path.hasPrefix("/pair/") ? Int(path.dropFirst(6)) : nil
    }

    var isConnected: Bool { near.isOpen && far.isOpen }

    /// Both ends connect to a relay; behind a forwarder the far one is connected to.
    func connect(to address: EpollAddress, on loop: EpollLoop, isForwarded: Bool) {
        for end in isForwarded ? [near] : [near, far] {
            do throws(EpollFailure) {
                end.take(
                    try EpollSocket(
                        on: loop,
                        to: address,
                        path: path,
                        isForwarded: isForwarded,
                        delegate: end
                    )
                )
            } catch { loop.lastConnectFailure = error }
        }
    }

    /// Both begin with a key frame, as the two of a call that was answered.
    func talk() {
        let right = MediaRight(
            call: CallID(high: 0, low: UInt64(handle)),
            handle: handle,
            audio: true,
            video: true,
            bitsPerSecond: .max
        )
        near.party.allowed(right)
        far.party.allowed(right)
    }

    func fallSilent() {
        near.party.end()
        far.party.end()
    }

    func disconnect() {
        near.leave()
        far.leave()
    }
}
