// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleWire

extension ServerTests {
    /// Messages that are not what they should be: a clear code each, counted, others unharmed.
    @Suite struct BadMessageTests {
        /// Runs `body` with a call of two other parties and a device that is about to misbehave.
        private func beside(
            loops: Int,
            limits: (inout Limits) -> Void = { _ in },
            _ body: (TestServer, Peer) async throws -> Void
        ) async throws {
            try await withServer(loops: loops, limits: limits) { server in
                let others = try await server.talk(panel: 1, unit: 1)
                try await others.flows()
                try await body(server, server.device())
                try await others.flows()
            }
        }

        @Test(arguments: [1, 2])
        func `the tenth message that is no JSON object closes the socket`(
            loops: Int
        ) async throws {
            try await beside(loops: loops) { server, device in
                let garbage = [
                    "", "nonsense", "[]", "17", "\"hello\"", "{\"type\":", "{\"a\":1}}", "{a:1}",
                    String(repeating: "[", count: 5_000),
                ]
                for text in garbage {
                    try await device.send(text: text)
                    #expect(try await device.refusal(re: nil).code == .badMessage)
                }
                try await device.asks(.ping)
                try await device.send(text: "{")
                #expect(try await device.closing() == 1008)
                let metrics = try await server.metrics()
                #expect(metrics["vestibule_bad_messages_total"] == 10)
                #expect(metrics.closes(1008) == 1 && metrics.refusals("bad_message") == 10)
                try await server.device().asks(.ping)
            }
        }

        @Test(arguments: [1, 2])
        func `what cannot be understood is named, and the socket lives on`(
            loops: Int
        ) async throws {
            try await beside(loops: loops) { server, device in
                let id = "\"id\":\"x\""
                let cases: [(text: String, re: String?, code: ErrorCode, field: String?)] = [
                    (#"{"type":"call.teleport",\#(id)}"#, "x", .unknownType, nil),
                    (#"{"type":"call.answer",\#(id)}"#, "x", .badRequest, "call"),
                    (#"{"type":"call.answer",\#(id),"call":7}"#, "x", .badRequest, "call"),
                    (#"{"type":"door.unlock",\#(id),"door":"d"}"#, "x", .badRequest, "key"),
                    (
                        #"{"type":"door.unlock",\#(id),"door":"d","key":{}}"#, "x", .badRequest,
                        "key"
                    ),
                    (#"{"type":"ping"}"#, nil, .badRequest, "id"),
                    (#"{"type":"ping","id":7}"#, nil, .badRequest, "id"),
                    (#"{"id":"x"}"#, "x", .badRequest, "type"),
                    (#"{"type":"auth.renew",\#(id),"token":"t"}"#, "x", .unsupported, nil),
                ]
                for (text, re, code, field) in cases {
                    try await device.send(text: text)
                    let refusal = try await device.refusal(re: re)
                    #expect(refusal.code == code && refusal.field == field, "\(text)")
                }
                let wrongRole = try await device.isRefused(.panelCode)
                #expect(wrongRole.code == .notPermitted)
                #expect(try await device.isRefused(.callAnswer(.nothing)).code == .unknownCall)
                try await device.asks(.ping)
                let metrics = try await server.metrics()
                #expect(metrics.refusals("unknown_type") == 1)
                #expect(metrics.refusals("bad_request") == 7)
                #expect(metrics.refusals("unsupported") == 1)
                #expect(metrics["vestibule_bad_messages_total"] == 0)
            }
        }

        @Test(arguments: [1, 2])
        func `a message over the limit closes the socket`(loops: Int) async throws {
            try await beside(loops: loops) { server, device in
                let most = #"{"type":"ping","id":"p"}"#
                let fits = most + String(repeating: " ", count: 65_536 - most.utf8.count)
                try await device.send(text: fits)
                _ = try await device.result(of: "p").get()
                try await device.send(text: fits + " ")
                #expect(try await device.closing() == 1009)
                let metrics = try await server.metrics()
                #expect(metrics.closes(1009) == 1 && metrics["vestibule_oversized_total"] == 1)
            }
        }

        @Test(arguments: [1, 2])
        func `a repeated request gets its answer again and does nothing again`(
            loops: Int
        ) async throws {
            try await beside(loops: loops) { server, device in
                let panel = try await server.panel()
                let unit = server.building.unit()
                let call = try await panel.asks(.callStart(unit: unit, key: "press")).call
                let offer = try await device.incoming()
                #expect(offer.call == call)
                let first = try await device.asks(.callAnswer(offer.call), id: "answer")
                #expect(try await device.asks(.callAnswer(offer.call), id: "answer") == first)
                try await device.asks(.callHangup(offer.call), id: "end")
                try await device.asks(.callHangup(offer.call), id: "end")
                #expect(try await device.asks(.callAnswer(offer.call), id: "answer") == first)
            }
        }

        @Test(
            arguments: [1, 2],
            [#"{"type":"ping","id":"#, #"{"type":"call.teleport","id":"#]
        )
        func `a flood of messages is limited, then closed`(
            loops: Int,
            beginning: String
        ) async throws {
            try await beside(loops: loops) { server, device in
                try await device.send(texts: (0..<400).map { beginning + "\"\($0)\"}" })
                #expect(try await device.closing() == 4429)
                let refused = try await device.takeUnheard().count { heard in
                    guard case .message(.refused(_, let refusal)) = heard else { return false }
                    return refusal.code == .rateLimited
                }
                #expect(refused == 100)
                let metrics = try await server.metrics()
                #expect(metrics.closes(4429) == 1 && metrics.refusals("rate_limited") == 100)
                #expect(metrics["vestibule_rate_limited_total"] == 101)
                try await server.device().asks(.ping)
            }
        }
    }
}
