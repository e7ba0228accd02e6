// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleCrypto

@Suite struct SecretTokenTests {
    @Test func `a token says what it opens and holds 256 bits`() throws {
        let text = SecretToken(.panel).reveal()
        #expect(text.hasPrefix("vst_panel_"))
        let secret = try #require(Base64.decode(text.dropFirst(10), .url))
        #expect(secret.count == 32)
    }

    @Test func `tokens differ`() {
        let many = Set((0..<1000).map { _ in SecretToken(.device).reveal() })
        #expect(many.count == 1000)
    }

    @Test func `what a client sends is found by its digest`() {
        let token = SecretToken(.device)
        #expect(SecretToken.digest(of: token.reveal()) == token.digest)
        #expect(SecretToken.digest(of: token.reveal() + " ") != token.digest)
    }

    @Test func `a token is not printed by accident`() {
        let token = SecretToken(.device)
        let secret = token.reveal().dropFirst(11)
        var dumped = ""
        dump(token, to: &dumped)
        for shown in ["\(token)", String(reflecting: token), dumped, "\([token])"] {
            #expect(!shown.contains(secret))
        }
    }
}
