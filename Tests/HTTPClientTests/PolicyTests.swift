// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleHTTPClient
import VestibuleTestKit

@Suite(.timeLimit(.minutes(1))) struct PolicyTests {
    /// Names by what they lead to.
    static let names = FixedResolver([
        "loopback.example": [.v4(0x7F00_0001)], "private.example": [.v4(0x0A00_0001)],
        "link.example": [.v4(0xA9FE_A9FE)], "cgnat.example": [.v4(0x6440_0001)],
        "six.example": [.v6(0, 1)], "mapped.example": [.v6(0, 0xFFFF_7F00_0001)],
        "nat64.example": [.v6(0x0064_FF9B_0000_0000, 0x7F00_0001)],
        "multicast.example": [.v4(0xE000_0001)], "zero.example": [.v4(0)],
        "both.example": [.v4(0x0A00_0001), .v6(0xFD00_0000_0000_0000, 1)],
    ])

    func fault(
        _ url: String,
        allow: [String] = [],
        plain: Bool = false
    ) async throws
        -> HTTPClientError?
    {
        let fault = Locked<HTTPClientError?>(nil)
        try await Bench.lend(
            policy: { _ in .userGiven(allow: allow.compactMap { AddressPolicy.HostPort($0) }) },
            resolver: Self.names
        ) { bench in
            let found = await bench.fault(
                HTTPCall(url: url, deadline: .seconds(20), allowsPlain: plain)
            )
            fault.withLock { $0 = found }
            #expect(bench.server.connections == 0)
        }
        return fault.withLock { $0 }
    }

    @Test(arguments: [
        ("loopback", IPAddress.Inside.loopback), ("private", .private), ("link", .linkLocal),
        ("cgnat", .carrierNAT), ("six", .loopback), ("mapped", .mapped), ("nat64", .nat64),
        ("multicast", .multicast), ("zero", .unspecified), ("both", .private),
    ])
    func `a name that leads inside is refused`(name: String, kind: IPAddress.Inside) async throws {
        #expect(try await fault("https://\(name).example/") == .refused(.inside(kind)))
    }

    @Test(arguments: [
        ("http://loopback.example/", AddressPolicy.Refusal.scheme),
        ("http://loopback.example:443/", .scheme),
        ("https://loopback.example:8443/", .port), ("https://loopback.example:80/", .port),
        ("https://127.0.0.1/", .literal), ("https://8.8.8.8/", .literal),
        ("https://[::1]/", .literal), ("https://[::ffff:127.0.0.1]/", .literal),
        ("https://127.1/", .literal), ("https://2130706433/", .literal),
        ("https://0x7f000001/", .literal), ("https://0177.0.0.1/", .literal),
        ("https://0x7f.0.0.0x1/", .literal), ("https://a.1/", .literal),
    ])
    func `a user's URL is https by name on 443`(
        url: String,
        refusal: AddressPolicy.Refusal
    ) async throws {
        #expect(try await fault(url, plain: true) == .refused(refusal))
    }

    @Test(arguments: [
        "", "/", "hook.example", "//hook.example/", "ftp://hook.example/", "file:///etc/passwd",
        "https://", "https:///x", "https:/hook.example/", "https:hook.example",
        "https://user@hook.example/", "https://u:p@hook.example/",
        "https://hook.example:0/", "https://hook.example:65536/", "https://hook example/",
        "https://hook.example/\r\nX: y", "https://hook.example./", "https://[fe80::1%25lo]/",
        "https://hööks.example/", "https://hook.example/\0", "gopher://hook.example/",
    ])
    func `what is no plain URL is refused`(url: String) async throws {
        #expect(try await fault(url, plain: true) == .badURL)
    }

    @Test func `what the operator allows is reached, and nothing beside it`() async throws {
        try await Bench.lend(
            policy: { .userGiven(allow: [AddressPolicy.HostPort(host: "hook.example", port: $0)]) }
        ) { bench in
            #expect(await bench.fault(bench.call()) == nil)
            let secure = bench.call { $0.allowsPlain = false }
            #expect(await bench.fault(secure) == .refused(.scheme))
            let literal = bench.call { $0.url = "https://127.0.0.1:\(bench.server.port)/" }
            #expect(await bench.fault(literal) == .refused(.literal))
            #expect(bench.server.requests.count == 1)
        }
    }

    @Test func `an address that the operator allows needs no name`() async throws {
        try await Bench.lend(
            policy: { .userGiven(allow: [AddressPolicy.HostPort(host: "127.0.0.1", port: $0)]) },
            resolver: FailingResolver()
        ) { bench in
            let literal = bench.call { $0.url = "http://127.0.0.1:\(bench.server.port)/" }
            #expect(await bench.fault(literal) == nil)
        }
    }

    @Test func `a provider may be anywhere, but plain only if told`() async throws {
        try await Bench.lend { bench in
            #expect(await bench.fault(bench.call()) == nil)
            #expect(await bench.fault(bench.call { $0.allowsPlain = false }) == .refused(.scheme))
        }
    }

    @Test func `a name that nobody has, and a name server that fails`() async throws {
        #expect(try await fault("https://none.example/") == .unresolvable("no such host"))
        try await Bench.lend(resolver: FailingResolver()) { bench in
            #expect(await bench.fault(bench.call()) == .unresolvable("no name server"))
        }
    }

    @Test func `the system's resolver finds this machine`() async throws {
        let resolver = SystemResolver()
        try await Bench.lend(resolver: resolver) { bench in
            let url = "http://localhost:\(bench.server.port)/"
            #expect(await bench.fault(bench.call { $0.url = url }) == nil)
        }
        resolver.stop()
    }

    @Test func `errors do not name the URL`() async throws {
        for url in ["https://private.example/s3cret", "https://none.example/s3cret", "s3cret"] {
            let fault = try await fault(url)
            #expect(!"\(String(describing: fault))".contains("s3cret"))
        }
    }
}
