// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCrypto
import VestibuleWebhook

@Suite struct WebhookSignatureTests {
    /// The example of the specification's own libraries.
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    static let body = Array("{\"test\": 2432232314}".utf8)
    static let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    static let signedAt = Timestamp(milliseconds: 1_614_265_330_000)

    func fault(
        id: String? = Self.id,
        timestamp: String? = "1614265330",
        signatures: String? = Self.signature,
        body: [UInt8] = Self.body,
        at now: Timestamp = Self.signedAt
    ) throws -> WebhookFault? {
        let secret = try #require(WebhookSecret(Self.secret))
        do throws(WebhookFault) {
            try secret.verify(
                id: id,
                timestamp: timestamp,
                signatures: signatures,
                body: body,
                now: now
            )
            return nil
        } catch {
            return error
        }
    }

    @Test func `the specification's example is signed the same`() throws {
        let secret = try #require(WebhookSecret(Self.secret))
        #expect(
            secret.signature(id: Self.id, timestamp: 1_614_265_330, body: Self.body)
                == Self.signature
        )
        #expect(try fault() == nil)
    }

    @Test func `one of several signatures is enough`() throws {
        #expect(try fault(signatures: "v1a,xyz v1,AAAA \(Self.signature)") == nil)
    }

    @Test func `any change is noticed`() throws {
        #expect(try fault(id: "msg_other") == .forged)
        #expect(try fault(timestamp: "1614265331") == .forged)
        #expect(try fault(body: Self.body + [32]) == .forged)
        #expect(try fault(signatures: "") == .forged)
        #expect(try fault(signatures: "v2" + Self.signature.dropFirst(2)) == .forged)
        #expect(try fault(signatures: String(Self.signature.dropLast())) == .forged)
    }

    @Test func `an old one and one from the future are not believed`() throws {
        #expect(try fault(at: Self.signedAt + .seconds(300)) == nil)
        #expect(try fault(at: Self.signedAt + .seconds(301)) == .notNow)
        #expect(try fault(at: Self.signedAt + .seconds(-300)) == nil)
        #expect(try fault(at: Self.signedAt + .seconds(-301)) == .notNow)
    }

    @Test func `missing and meaningless headers are malformed`() throws {
        #expect(try fault(id: nil) == .malformed)
        #expect(try fault(timestamp: nil) == .malformed)
        #expect(try fault(signatures: nil) == .malformed)
        for text in ["", "x", "-1", "1e9", "9223372036854775807", "99999999999999999999"] {
            #expect(try fault(timestamp: text) == .malformed)
        }
    }

    @Test(arguments: [
        "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAA", "whsec_!",
        "whsec_" + Base64.encode([UInt8](repeating: 1, count: 65)),
    ])
    func `what is no secret is refused`(text: String) {
        #expect(WebhookSecret(text) == nil)
    }

    @Test func `a drawn secret is one, and is not printed`() throws {
        let text = WebhookSecret.draw()
        let secret = try #require(WebhookSecret(text))
        #expect(text != WebhookSecret.draw())
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!("\(secret)" + dumped).contains(text.dropFirst(6)))
    }
}
