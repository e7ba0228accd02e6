// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleCrypto
import VestibuleHarness
import VestibuleWire

/// TLS in the shell of the load generator, against OpenSSL's own server.
@Suite(.timeLimit(.minutes(1))) struct TLSSocketTests {
    private let loop: EpollLoop
    private let authority: DevelopmentAuthority
    private let heard = Heard()

    private final class Heard {
        var media: [[UInt8]] = []
    }

    init() throws {
        loop = try EpollLoop(granularity: .microseconds(100))
        authority = try DevelopmentAuthority(name: "Test", now: Self.today)
    }

    /// Certificates are checked against the wall clock.
    private static var today: Timestamp {
        Timestamp(milliseconds: Int64(time(nil)) * 1_000)
    }

    private func peer(for name: String = "127.0.0.1") throws -> ScriptedPeer {
        let identity = try authority.issue(for: [name], now: Self.today)
        let tls = try #require(try ScriptedTLS(identity))
        return try #require(ScriptedPeer(tls: tls))
    }

    private func trust(_ authority: DevelopmentAuthority) throws -> TLSClient {
        let folder = try ScriptedTLS.folder()
        let path = folder + "/authority.pem"
        try authority.pair.certificate.write(toFile: path, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try #require(TLSClient(authorities: path))
    }

    private func client(
        of peer: ScriptedPeer,
        trusting authority: DevelopmentAuthority
    ) throws -> EpollClient<ResidentClient> {
        var address = peer.address
        address.tls = try trust(authority)
        let device = HelloDevice(id: "dev_1", model: "test", version: "1", media: nil)
        let client = EpollClient(
            ResidentClient(settings: LineSettings(device: device), token: Secret("good")),
            on: loop,
            to: address
        )
        client.onMedia = { [heard] bytes in heard.media.append(Array(bytes)) }
        client.start()
        return client
    }

    private func eventually<Found>(_ look: () -> Found?) -> Found? {
        let deadline = EpollLoop.clock() + .seconds(5)
        while EpollLoop.clock() < deadline {
            if let found = look() { return found }
            loop.run(until: EpollLoop.clock() + .milliseconds(1))
        }
        return nil
    }

    /// Shakes hands twice, and takes the hello.
    private func open(_ peer: ScriptedPeer) throws {
        _ = try #require(eventually { peer.request() })
        peer.accept()
        _ = try #require(eventually { peer.frame() })
    }

    @Test func `fifty small records that come at once all arrive, though no more follows`() throws {
        let peer = try peer()
        let client = try client(of: peer, trusting: authority)
        try open(peer)
        let frames = (0..<50).map { [UInt8](repeating: $0, count: 20) }
        for frame in frames { peer.send(ScriptedPeer.frame(2, frame)) }
        _ = eventually { heard.media.count == 50 ? true : nil }
        #expect(heard.media == frames)
        client.end()
    }

    @Test func `a frame of many records, and one cut between records, arrive whole`() throws {
        let peer = try peer()
        let client = try client(of: peer, trusting: authority)
        try open(peer)
        let large = (0..<60_000).map { UInt8(truncatingIfNeeded: $0) }
        peer.send(ScriptedPeer.frame(2, large))
        _ = eventually { heard.media.count == 1 ? true : nil }
        let bytes = ScriptedPeer.frame(2, large)
        peer.send(Array(bytes.prefix(20_001)))
        loop.run(until: EpollLoop.clock() + .milliseconds(1))
        peer.send(Array(bytes.dropFirst(20_001)))
        _ = eventually { heard.media.count == 2 ? true : nil }
        #expect(heard.media == [large, large])
        client.end()
    }

    @Test func `what a slow reader left in the socket goes on where it stopped`() throws {
        let peer = try peer()
        let client = try client(of: peer, trusting: authority)
        try open(peer)
        let payload = (0..<30_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let prepared = PreparedPayload(payload)
        for number in 0..<100 as Range<UInt16> {
            let header = MediaHeader(kind: .video, sequence: number, handle: 7, timestamp: 1)
            #expect(client.send(header, prepared))
            // The peer reads nothing yet: three megabytes are more than the kernel takes.
            loop.run(until: EpollLoop.clock() + .microseconds(100))
        }
        for number in 0..<100 as Range<UInt16> {
            let frame = try #require(eventually { peer.frame() })
            let header = frame.payload.withUnsafeBytes { MediaHeader($0) }
            #expect(header?.sequence == number)
            #expect(Array(frame.payload.dropFirst(MediaHeader.size)) == payload)
        }
        client.end()
    }

    @Test func `a server that another authority vouches for is refused, and why is told`() throws {
        let other = try DevelopmentAuthority(name: "Other", now: Self.today)
        let peer = try peer()
        let client = try client(of: peer, trusting: other)
        let failure = eventually { () -> String? in
            _ = peer.request()
            return loop.lastConnectFailure?.call
        }
        #expect(failure?.hasPrefix("TLS, ") == true)
        #expect(failure?.contains("certificate") == true)
        #expect(loop.lastConnectFailure?.isOurs == false)
        client.end()
    }

    @Test func `a certificate for another address is refused`() throws {
        let peer = try peer(for: "127.0.0.2")
        let client = try client(of: peer, trusting: authority)
        let failure = eventually { () -> String? in
            _ = peer.request()
            return loop.lastConnectFailure?.call
        }
        #expect(failure == "TLS, IP address mismatch")
        client.end()
    }

    @Test func `a file without an authority is nobody to trust`() {
        #expect(TLSClient(authorities: "/dev/null") == nil)
        #expect(TLSClient(authorities: "/nowhere.pem") == nil)
    }
}
