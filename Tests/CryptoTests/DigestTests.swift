// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleCrypto

/// A published vector: what goes in, what comes out in hexadecimal.
struct DigestVector: Sendable, CustomTestStringConvertible {
    let source: String
    let input: [UInt8]
    var key: [UInt8] = []
    let output: String

    var testDescription: String { source }
}

@Suite struct DigestTests {
    static let digests = [
        DigestVector(
            source: "FIPS 180-4, one block",
            input: [UInt8]("abc".utf8),
            output: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        ),
        DigestVector(
            source: "FIPS 180-4, two blocks",
            input: [UInt8]("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
            output: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        DigestVector(
            source: "FIPS 180-4, a million a",
            input: [UInt8](repeating: 0x61, count: 1_000_000),
            output: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
        DigestVector(
            source: "NIST CAVP, nothing",
            input: [],
            output: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        ),
    ]

    @Test(arguments: digests)
    func `SHA-256 gives the published answers`(vector: DigestVector) {
        #expect(Digest256.sha256(of: vector.input).hex == vector.output)
    }

    static let codes = [
        DigestVector(
            source: "RFC 4231 case 1",
            input: [UInt8]("Hi There".utf8),
            key: [UInt8](repeating: 0x0B, count: 20),
            output: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        DigestVector(
            source: "RFC 4231 case 2, a short key",
            input: [UInt8]("what do ya want for nothing?".utf8),
            key: [UInt8]("Jefe".utf8),
            output: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        DigestVector(
            source: "RFC 4231 case 3",
            input: [UInt8](repeating: 0xDD, count: 50),
            key: [UInt8](repeating: 0xAA, count: 20),
            output: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        DigestVector(
            source: "RFC 4231 case 4",
            input: [UInt8](repeating: 0xCD, count: 50),
            key: [UInt8](1...25),
            output: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        DigestVector(
            source: "RFC 4231 case 6, a key longer than a block",
            input: [UInt8]("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            key: [UInt8](repeating: 0xAA, count: 131),
            output: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        DigestVector(
            source: "RFC 4231 case 7, both longer than a block",
            input: [UInt8](
                ("This is a test using a larger than block-size key and a larger than "
                    + "block-size data. The key needs to be hashed before being used by the "
                    + "HMAC algorithm.").utf8
            ),
            key: [UInt8](repeating: 0xAA, count: 131),
            output: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
        DigestVector(
            source: "an empty key and an empty message",
            input: [],
            output: "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        ),
    ]

    @Test(arguments: codes)
    func `HMAC-SHA-256 gives the published answers`(vector: DigestVector) {
        #expect(Digest256.hmac(of: vector.input, key: vector.key).hex == vector.output)
    }

    @Test func `a digest comes back from its bytes`() throws {
        let digest = Digest256.sha256(of: "abc")
        #expect(Digest256(bytes: digest.bytes) == digest)
        #expect(Digest256(bytes: digest.bytes.dropLast()) == nil)
        #expect(Digest256(bytes: digest.bytes + [0]) == nil)
        #expect("\(digest)" == "ba7816bf")
    }

    @Test func `one bit anywhere makes digests differ`() throws {
        let digest = Digest256.sha256(of: "abc")
        #expect(digest.matches(Digest256.sha256(of: "abc")))
        for position in 0..<32 {
            var bytes = digest.bytes
            bytes[position] ^= 0x10
            let other = try #require(Digest256(bytes: bytes))
            #expect(!digest.matches(other) && digest != other)
        }
    }

    @Test func `a digest takes 32 bytes`() {
        #expect(MemoryLayout<Digest256>.size == 32)
    }

    @Test func `constant time comparison compares`() {
        #expect(equalInConstantTime([1, 2, 3] as [UInt8], [1, 2, 3] as [UInt8]))
        #expect(!equalInConstantTime([1, 2, 3] as [UInt8], [1, 2, 4] as [UInt8]))
        #expect(!equalInConstantTime([1, 2, 3] as [UInt8], [1, 2] as [UInt8]))
        #expect(equalInConstantTime("".utf8, "".utf8))
    }
}
