// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleHTTPClient

@Suite struct AddressTests {
    @Test(arguments: [
        ("0.0.0.0", IPAddress.Inside.unspecified), ("0.1.2.3", .unspecified),
        ("127.0.0.1", .loopback), ("127.255.255.254", .loopback),
        ("10.0.0.1", .private), ("10.255.255.255", .private), ("172.16.0.1", .private),
        ("172.31.255.255", .private), ("192.168.0.1", .private),
        ("169.254.169.254", .linkLocal), ("100.64.0.1", .carrierNAT),
        ("100.127.255.255", .carrierNAT), ("224.0.0.1", .multicast),
        ("239.255.255.255", .multicast), ("240.0.0.1", .reserved), ("255.255.255.255", .reserved),
        ("192.0.0.8", .reserved), ("198.18.0.1", .reserved), ("198.19.255.255", .reserved),
        ("192.88.99.1", .reserved),
        ("::", .unspecified), ("::1", .loopback), ("::ffff:8.8.8.8", .mapped),
        ("::ffff:127.0.0.1", .mapped), ("::8.8.8.8", .reserved), ("::2", .reserved),
        ("64:ff9b::7f00:1", .nat64), ("64:ff9b:1::1", .nat64), ("fc00::1", .private),
        ("fdff::1", .private), ("fe80::1", .linkLocal), ("febf::1", .linkLocal),
        ("fec0::1", .linkLocal), ("ff02::1", .multicast), ("2002:7f00:1::", .tunnel),
        ("2001:0:1::1", .tunnel), ("100::1", .reserved), ("4000::1", .reserved),
        ("5f00::1", .reserved),
    ])
    func `an address inside is known for one`(text: String, kind: IPAddress.Inside) throws {
        #expect(try #require(IPAddress(text)).inside == kind)
    }

    @Test(arguments: [
        "8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.1", "169.253.255.255", "172.15.255.255", "172.32.0.0",
        "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "203.0.113.7",
        "223.255.255.255", "2001:4860:4860::8888", "2606:4700::1111", "2001:db8::1", "3fff::1",
    ])
    func `an address of the public internet is none`(text: String) throws {
        #expect(try #require(IPAddress(text)).inside == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
    ])
    func `an address prints as it is written`(text: String, printed: String) throws {
        #expect(try #require(IPAddress(text)).description == printed)
    }

    @Test(arguments: [
        "", "127.1", "0x7f000001", "2130706433", "1.2.3.4.5", "::1%lo", "a", "1.2.3.4\0",
    ])
    func `nothing else is an address`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `what the operator allows is read from its text`() {
        typealias HostPort = AddressPolicy.HostPort
        #expect(HostPort("Hooks.inside:8443") == HostPort(host: "hooks.inside", port: 8443))
        #expect(HostPort("[::1]:80") == HostPort(host: "::1", port: 80))
        #expect(HostPort("[::1]:80")?.description == "[::1]:80")
        for wrong in ["", "a", "a:", ":80", "a:0", "a:65536", "a:-1", "::1:80", "a:b"] {
            #expect(HostPort(wrong) == nil, "\(wrong)")
        }
    }
}
