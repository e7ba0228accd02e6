// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCrypto

@Suite struct CertificateTests {
    static let now = Timestamp(milliseconds: 1_800_000_000_000)

    @Test func `an authority signs a server's certificate`() throws {
        let authority = try DevelopmentAuthority(name: "Vestibule development", now: Self.now)
        let server = try authority.issue(
            for: ["door.example", "*.house.example", "127.0.0.1", "::1"],
            now: Self.now
        )
        let facts = try CertificateFacts(pem: server.certificate)
        #expect(facts.commonName == "door.example")
        #expect(facts.names == ["door.example", "*.house.example", "127.0.0.1", "::1"])
        #expect(facts.notBefore == Self.now + .seconds(-3600))
        #expect(facts.notAfter == Self.now + .seconds(397 * 86_400))
        #expect(!facts.isAuthority)
        #expect(
            try CertificateFacts.isSigned(server.certificate, by: authority.pair.certificate)
        )
        #expect(
            try CertificateFacts.belongTogether(
                certificate: server.certificate,
                privateKey: server.privateKey
            )
        )
    }

    @Test func `an authority is one, and its successor signed nothing of its`() throws {
        let authority = try DevelopmentAuthority(name: "One", now: Self.now)
        let other = try DevelopmentAuthority(name: "One", now: Self.now)
        let facts = try CertificateFacts(pem: authority.pair.certificate)
        #expect(facts.isAuthority)
        #expect(facts.names.isEmpty)
        let server = try authority.issue(for: ["localhost"], now: Self.now)
        #expect(!(try CertificateFacts.isSigned(server.certificate, by: other.pair.certificate)))
    }

    @Test func `an authority read again goes on signing`() throws {
        let first = try DevelopmentAuthority(name: "One", now: Self.now)
        let again = DevelopmentAuthority(first.pair)
        let server = try again.issue(for: ["localhost"], now: Self.now)
        #expect(try CertificateFacts.isSigned(server.certificate, by: first.pair.certificate))
    }

    @Test func `another key does not belong`() throws {
        let authority = try DevelopmentAuthority(name: "One", now: Self.now)
        let one = try authority.issue(for: ["localhost"], now: Self.now)
        let other = try authority.issue(for: ["localhost"], now: Self.now)
        #expect(
            !(try CertificateFacts.belongTogether(
                certificate: one.certificate,
                privateKey: other.privateKey
            ))
        )
        #expect(one.certificate != other.certificate)
    }

    @Test(arguments: [
        "", "a b", "a,DNS:b", "-a", "a..b", "*", "a.*.b", "ä", "a\0b", "1.2.3.4,IP:5.6.7.8",
    ])
    func `a name cannot smuggle another one in`(name: String) throws {
        let authority = try DevelopmentAuthority(name: "One", now: Self.now)
        #expect(throws: CryptoError.badName(name)) {
            try authority.issue(for: ["localhost", name], now: Self.now)
        }
    }

    @Test func `nonsense is no certificate and no key`() throws {
        #expect(throws: CryptoError.notPEM("certificate")) { try CertificateFacts(pem: "") }
        #expect(throws: CryptoError.notPEM("certificate")) {
            try CertificateFacts(
                pem: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
            )
        }
        let pair = try DevelopmentAuthority(name: "One", now: Self.now).pair
        #expect(throws: CryptoError.notPEM("private key")) {
            try CertificateFacts.belongTogether(
                certificate: pair.certificate,
                privateKey: pair.certificate
            )
        }
    }
}
