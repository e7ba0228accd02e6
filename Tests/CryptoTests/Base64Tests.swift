// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleCrypto

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `RFC 4648 section 10`(plain: String, coded: String) {
        #expect(Base64.encode([UInt8](plain.utf8)) == coded)
        #expect(Base64.decode(coded) == [UInt8](plain.utf8))
    }

    @Test func `the alphabets differ in two characters and the padding`() {
        let bytes: [UInt8] = [0xFB, 0xFF, 0xFE, 0xFF]
        #expect(Base64.encode(bytes) == "+//+/w==")
        #expect(Base64.encode(bytes, .url) == "-__-_w")
        #expect(Base64.decode("-__-_w", .url) == bytes)
    }

    @Test func `every length comes back`() {
        for count in 0..<70 {
            let bytes = secureRandomBytes(count)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Base64.decode(Base64.encode(bytes, .url), .url) == bytes)
        }
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm 9", "Zm9v\n", "Zm-_", "Zm9vé===", "=Zg=",
    ])
    func `what is not canonical is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test(arguments: ["Zg==", "Zh", "Z", "+A", "/w"])
    func `base64url refuses padding and foreign characters`(text: String) {
        #expect(Base64.decode(text, .url) == nil)
    }
}
