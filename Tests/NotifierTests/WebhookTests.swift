// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleNotifier
import VestibuleNotifierContract
import VestibuleTestKit
import VestibuleWebhook

@Suite(.timeLimit(.minutes(1))) struct WebhookTests {
    @Test(arguments: NotifierContract.clauses)
    func `the webhook keeps the contract`(clause: NotifierContract.Clause) async throws {
        try await WebhookBench.lend { bench in
            try await clause.check(
                NotifierContract.Subject(
                    notifier: bench.notifier,
                    good: bench.registration(),
                    gone: bench.registration("/gone"),
                    hanging: .init(bench.registration("/hang")) {
                        await bench.server.requested(1)
                    }
                )
            )
        }
    }

    @Test func `a notice arrives signed, in the documented words`() async throws {
        try await WebhookBench.lend { bench in
            let notice = NotifierContract.notice()
            #expect(await bench.send(bench.registration()) == .accepted(reference: nil))
            let request = try #require(bench.server.requests.first)
            #expect(request.method == "POST" && request.path == "/hook")
            #expect(request.field("content-type") == "application/json")
            #expect(
                String(decoding: request.body, as: UTF8.self)
                    == NoticeBody(notice, for: bench.registration()).json
            )
            #expect(request.field("webhook-id") == notice.push.text)
            #expect(request.field("webhook-timestamp") == "1800000000")
            try #require(WebhookSecret(WebhookBench.secret)).verify(
                id: request.field("webhook-id"),
                timestamp: request.field("webhook-timestamp"),
                signatures: request.field("webhook-signature"),
                body: request.body,
                now: notice.serverTime
            )
        }
    }

    @Test func `the registration's own secret goes before the notifier's`() async throws {
        try await WebhookBench.lend { bench in
            let own = WebhookSecret.draw()
            _ = await bench.send(bench.registration(parameters: ["secret": own]))
            let request = try #require(bench.server.requests.first)
            let timestamp = Timestamp(milliseconds: 1_800_000_000_000)
            func check(_ secret: String) throws {
                try #require(WebhookSecret(secret)).verify(
                    id: request.field("webhook-id"),
                    timestamp: request.field("webhook-timestamp"),
                    signatures: request.field("webhook-signature"),
                    body: request.body,
                    now: timestamp
                )
            }
            try check(own)
            #expect(throws: WebhookFault.forged) { try check(WebhookBench.secret) }
            let broken = bench.registration(parameters: ["secret": "whsec_x"])
            #expect(await bench.send(broken) == .failed(reason: "no_secret"))
            #expect(bench.server.requests.count == 1)
        }
    }

    @Test func `where many devices share an address, the body names the device`() async throws {
        try await WebhookBench.lend { bench in
            _ = await bench.send(bench.registration())
            _ = await bench.send(bench.registration(sharesAddress: true))
            let bodies = bench.server.requests.map { String(decoding: $0.body, as: UTF8.self) }
            let device = #""device":"\#(DeviceID(high: 3, low: 4).text)""#
            #expect(bodies.map { $0.contains(device) } == [false, true])
        }
    }

    @Test(arguments: [
        ("https://hook.example/a", "hook.example"), ("https://Hook.Example?b", "hook.example"),
        ("https://u:p@hook.example:8443/a@b", "hook.example:8443"), ("nonsense", ""),
    ])
    func `each host has a lane of its own`(url: String, lane: String) async throws {
        try await WebhookBench.lend { bench in
            #expect(bench.notifier.lane(for: bench.registration(url: url)) == lane)
        }
    }

    @Test(arguments: [
        (200, nil, Verdict.accepted(reference: nil)), (204, nil, .accepted(reference: nil)),
        (410, nil, .rejectedToken(reason: "http_410", since: nil)),
        (429, "7", .retry(after: .seconds(7), reason: "http_429")),
        (503, nil, .retry(after: nil, reason: "http_503")),
        (503, "Fri, 15 Jan 2027 08:00:09 GMT", .retry(after: .seconds(9), reason: "http_503")),
        (503, "Fri, 15 Jan 2027 07:00:00 GMT", .retry(after: .zero, reason: "http_503")),
        (503, "soon", .retry(after: nil, reason: "http_503")),
        (503, "-5", .retry(after: nil, reason: "http_503")),
        (429, "99999999999999999999", .retry(after: nil, reason: "http_429")),
        (500, nil, .retry(after: nil, reason: "http_500")),
        (408, nil, .retry(after: nil, reason: "http_408")),
        (301, nil, .failed(reason: "http_301")), (400, nil, .failed(reason: "http_400")),
        (401, nil, .failed(reason: "http_401")), (404, nil, .failed(reason: "http_404")),
    ])
    func `each status has its verdict`(
        status: Int,
        retryAfter: String?,
        verdict: Verdict
    ) async throws {
        try await WebhookBench.lend { _ in
            .answer(status, fields: retryAfter.map { [("Retry-After", $0)] } ?? [])
        } _: { bench in
            #expect(await bench.send(bench.registration()) == verdict)
        }
    }

    @Test func `a receiver that talks without end has still taken it`() async throws {
        try await WebhookBench.lend { _ in
            .answer(200, body: [UInt8](repeating: 65, count: 1_000_000))
        } _: { bench in
            #expect(await bench.send(bench.registration()) == .accepted(reference: nil))
        }
    }

    @Test func `addresses inside are refused for good, lost connections are tried again`()
        async throws
    {
        try await WebhookBench.lend(script: { _ in .drop }) { bench in
            let inside = bench.registration(url: "https://inside.example/")
            #expect(await bench.send(inside) == .failed(reason: "address_inside_loopback"))
            let literal = bench.registration(url: "https://127.0.0.1/")
            #expect(await bench.send(literal) == .failed(reason: "address_literal"))
            let nonsense = bench.registration(url: "nonsense")
            #expect(await bench.send(nonsense) == .failed(reason: "bad_url"))
            guard case .retry(nil, let reason) = await bench.send(bench.registration()) else {
                Issue.record("a lost connection is no retry")
                return
            }
            #expect(reason.hasPrefix("connection"))
        }
    }
}
