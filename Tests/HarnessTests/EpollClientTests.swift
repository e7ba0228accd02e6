// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleHarness
import VestibuleWire

/// The shell of the load generator against a peer that is written byte by byte; both on the thread
/// of the test, so that nothing waits longer than it must.
@Suite(.timeLimit(.minutes(1))) struct EpollClientTests {
    private let loop: EpollLoop
    private let peer: ScriptedPeer
    private let client: EpollClient<PanelClient>
    private let heard = Heard()

    /// What the client told.
    private final class Heard {
        var statuses: [ConnectionStatus] = []
        var media: [[UInt8]] = []
    }

    init() throws {
        loop = try EpollLoop(granularity: .microseconds(100))
        peer = try #require(ScriptedPeer())
        let settings = LineSettings(
            device: HelloDevice(
                id: "pnl_1",
                model: "test",
                version: "1",
                media: MediaAbilities(
                    maxWidth: 640,
                    maxHeight: 480,
                    fps: 15,
                    screen: true,
                    microphone: true
                )
            )
        )
        client = EpollClient(
            PanelClient(settings: settings, token: Secret("good")),
            on: loop,
            to: peer.address
        )
        client.onReport = { [heard] report in
            if case .connection(let status) = report { heard.statuses.append(status) }
        }
        client.onMedia = { [heard] bytes in heard.media.append(Array(bytes)) }
    }

    /// Turns the loop until there is something; nil after five seconds.
    private func eventually<Found>(_ look: () -> Found?) -> Found? {
        let deadline = EpollLoop.clock() + .seconds(5)
        while EpollLoop.clock() < deadline {
            if let found = look() { return found }
            loop.run(until: EpollLoop.clock() + .milliseconds(1))
        }
        return nil
    }

    private func isTrue(_ look: () -> Bool) -> Bool {
        eventually { look() ? true : nil } ?? false
    }

    /// The next frame of this kind; others, such as what the machine asks by itself, are passed over.
    private func next(_ opcode: UInt8) -> ScriptedPeer.Frame? {
        eventually {
            guard let frame = peer.frame(), frame.opcode == opcode else { return nil }
            return frame
        }
    }

    /// Connects, and lets the peer say welcome; the welcome comes in `pieces` bytes at a time.
    private func connect(pieces: Int = .max) throws {
        client.start()
        let request = try #require(eventually { peer.request() })
        #expect(request.hasPrefix("GET \(WireProtocol.path) HTTP/1.1\r\n"))
        #expect(request.contains("Sec-WebSocket-Protocol: \(WireProtocol.subprotocol)\r\n"))
        peer.accept()
        let frame = try #require(next(1))
        #expect(frame.key != [0, 0, 0, 0], "a server may skip unmasking for zero")
        let message = try frame.payload.withUnsafeBytes { try ClientMessage.decode($0).get() }
        guard case .hello(let hello) = message.request else {
            Issue.record("the first message is \(message.request.name)")
            return
        }
        #expect(hello.token.reveal == "good")
        let welcome = ServerMessage.welcome(
            re: message.id,
            Welcome(
                session: SessionID(high: 1, low: 1),
                role: .panel,
                seq: 0,
                resumed: false,
                time: Timestamp(milliseconds: 1_000),
                heartbeat: 15,
                limits: WelcomeLimits(SessionLimits())
            )
        )
        var rest = ScriptedPeer.frame(1, welcome.encoded())[...]
        while !rest.isEmpty {
            peer.send(Array(rest.prefix(pieces)))
            rest = rest.dropFirst(pieces)
            loop.run(until: EpollLoop.clock() + .microseconds(200))
        }
        #expect(isTrue { heard.statuses.last == .open })
    }

    @Test func `a handshake, a hello, and a welcome that comes byte by byte`() throws {
        try connect(pieces: 1)
        client.end()
        #expect(next(8) != nil)
    }

    @Test(arguments: [3, 125, 126, 4_096, 30_000])
    func `a prepared frame arrives as header and payload, whatever its length`(
        _ count: Int
    ) throws {
        try connect()
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let header = MediaHeader(kind: .video, flags: .key, sequence: 9, handle: 7, timestamp: 5)
        let prepared = PreparedPayload(payload)
        #expect(client.send(header, prepared))
        #expect(client.send(header, prepared))
        for _ in 0..<2 {
            let frame = try #require(next(2))
            #expect(frame.payload.withUnsafeBytes { MediaHeader($0) } == header)
            #expect(Array(frame.payload.dropFirst(MediaHeader.size)) == payload)
        }
        client.end()
    }

    @Test func `frames that share a packet, or are cut in two, arrive whole and in order`() throws {
        try connect()
        let first = [UInt8](repeating: 1, count: 100)
        let second = [UInt8](repeating: 2, count: 4_000)
        let bytes = ScriptedPeer.frame(2, first) + ScriptedPeer.frame(2, second)
        peer.send(Array(bytes.prefix(2_000)))
        #expect(isTrue { heard.media.count == 1 })
        peer.send(Array(bytes.dropFirst(2_000)))
        #expect(isTrue { heard.media.count == 2 })
        #expect(heard.media == [first, second])
        client.end()
    }

    @Test func `a ping is answered with its own bytes`() throws {
        try connect()
        peer.send(ScriptedPeer.frame(9, [5, 6, 7]))
        #expect(next(10)?.payload == [5, 6, 7])
        client.end()
    }

    @Test func `the server's close code reaches the machine`() throws {
        try connect()
        peer.send(ScriptedPeer.frame(8, [0x11, 0x39]))
        #expect(isTrue { heard.statuses.last == .closed(.replaced) })
        client.end()
    }

    @Test func `a lost socket is told, and tried again`() throws {
        try connect()
        peer.hangUp()
        #expect(
            isTrue {
                if case .waiting? = heard.statuses.last { true } else { false }
            }
        )
        client.end()
    }

    @Test(
        arguments: [
            [0x82, 0x81, 1, 2, 3, 4, 5], [0xC2, 1, 1], [0x02, 1, 1],
            [0x82, 127, 0, 0, 0, 0, 0xFF, 0, 0, 0],
        ] as [[UInt8]]
    )
    func `a masked, compressed, cut or endless frame is no server's, and ends the socket`(
        _ bytes: [UInt8]
    ) throws {
        try connect()
        peer.send(bytes)
        #expect(isTrue { heard.statuses.last != .open })
        #expect(heard.media.isEmpty)
        client.end()
    }

    @Test func `why a connect failed is kept, and what is our own shortage is told apart`() throws {
        // Nobody connects a stream to a multicast address: the kernel refuses at once.
        let nowhere = try #require(EpollAddress("224.0.0.1", port: 9))
        let lost = EpollClient(
            ResidentClient(
                settings: LineSettings(
                    device: HelloDevice(id: "dev_1", model: "test", version: "1", media: nil)
                ),
                token: Secret("good")
            ),
            on: loop,
            to: nowhere
        )
        lost.start()
        #expect(isTrue { loop.lastConnectFailure?.call == "connect" })
        #expect(loop.lastConnectFailure?.isOurs == false)
        #expect(EpollFailure(call: "socket", code: EMFILE).isOurs)
        lost.end()
        client.end()
    }
}
