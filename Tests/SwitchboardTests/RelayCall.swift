// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleSwitchboard
import VestibuleWire

/// Frames as a sender makes them, numbered per kind.
struct Sender {
    let handle: UInt32
    private var sequences: [UInt8: UInt16] = [:]
    var timestamp: UInt32 = 90_000

    init(_ handle: UInt32) { self.handle = handle }

    mutating func audio(_ size: Int = 100, flags: MediaFlags = []) -> [UInt8] {
        frame(.audio, flags, [0x78] + [UInt8](repeating: 1, count: size - 1))
    }

    mutating func inter(_ size: Int = 4000, flags: MediaFlags = []) -> [UInt8] {
        frame(.video, flags, Self.picture(isKey: false, size))
    }

    mutating func key(_ size: Int = 20_000, flags: MediaFlags = []) -> [UInt8] {
        frame(.video, flags.union(.key), Self.picture(isKey: true, size))
    }

    mutating func report(video: UInt32) -> [UInt8] {
        let report = ReceiverReport(
            newestAudio: 0,
            newestVideo: video,
            bitsPerSecond: 0,
            arrival: 0
        )
        return frame(.report, [], report.payload)
    }

    mutating func frame(_ kind: MediaKind, _ flags: MediaFlags, _ payload: [UInt8]) -> [UInt8] {
        let sequence = sequences[kind.rawValue, default: 0]
        sequences[kind.rawValue] = sequence &+ 1
        return MediaHeader(
            kind: kind,
            flags: flags,
            sequence: sequence,
            handle: handle,
            timestamp: timestamp
        ).frame(payload)
    }

    /// VP8 as far as the relay looks (RFC 6386 §9.1): 640×480, first partition of 10 bytes.
    static func picture(isKey: Bool, _ size: Int) -> [UInt8] {
        var payload = [UInt8](repeating: 0, count: max(24, size))
        payload[0] = (isKey ? 0 : 1) | 0x10 | (10 & 7) << 5
        payload[1] = 10 >> 3
        if isKey {
            payload.replaceSubrange(3..<10, with: [0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01])
        }
        return payload
    }
}

/// A panel and a resident in a call, and how they came there.
struct RelayCall {
    static let handle: UInt32 = 77
    static let panelPort = RelayPort(handle: handle, party: 0)
    static let residentPort = RelayPort(handle: handle, party: 1)

    let world: RelayWorld
    let panel: ScriptedLine
    let resident: ScriptedLine
    var camera = Sender(handle)
    var phone = Sender(handle)

    /// A ringing call; the resident may be on the other board.
    init(_ world: RelayWorld = RelayWorld(), residentOn board: Int = 0) {
        self.world = world
        panel = world.line("panel")
        resident = world.line("resident", on: board)
        _ = panel.relay.openRoute(Self.panelPort, from: panel, stage: .ringing)
    }

    /// A call that was answered, its first key frame shown.
    static func answered(
        _ world: RelayWorld = RelayWorld(),
        residentOn board: Int = 0
    ) -> RelayCall {
        var call = RelayCall(world, residentOn: board)
        call.answer()
        world.send(call.camera.key(1000), from: call.panel)
        return call
    }

    var panelPlace: RelayPlace { RelayPlace(board: panel.relay.board, party: 0) }
    var residentPlace: RelayPlace { RelayPlace(board: resident.relay.board, party: 1) }
    var route: Route? { panel.relay.route(at: Self.panelPort) }
    var outlet: Outlet? { resident.relay.outlet(at: Self.residentPort) }

    func answer() {
        let now = world.now
        let back = resident.relay.openRoute(Self.residentPort, from: resident, stage: .active)
        resident.relay.openOutlet(Self.residentPort, to: resident, from: panelPlace, at: now)
        panel.relay.openOutlet(Self.panelPort, to: panel, from: residentPlace, at: now)
        route?.activate()
        route?.connect(to: residentPlace, at: now)
        back.connect(to: panelPlace, at: now)
        world.settle()
    }

    /// A device that looks on; its party is `number`.
    func preview(_ number: UInt32, on board: Int = 0) -> ScriptedLine? {
        let line = world.line("preview \(number)", on: board)
        let port = RelayPort(handle: Self.handle, party: number)
        line.relay.openOutlet(port, to: line, from: panelPlace, isPreview: true, at: world.now)
        let place = RelayPlace(board: line.relay.board, party: number)
        let isAdded = route?.addPreview(place, at: world.now) ?? false
        world.settle()
        return isAdded ? line : nil
    }
}
