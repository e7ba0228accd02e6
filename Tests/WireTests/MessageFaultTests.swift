// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleWire

/// What a client may send and should not, and what becomes of it.
struct FaultRow: Sendable, CustomStringConvertible {
    let description: String
    let text: String
    let fault: MessageFault

    init(_ description: String, _ text: String, _ fault: MessageFault) {
        self.description = description
        self.text = text
        self.fault = fault
    }

    /// A request with identifier 1 whose `field` is at fault.
    init(field: String, _ text: String) {
        self.init(field + " in " + text.prefix(60), text, .badRequest(id: "1", field: field))
    }
}

@Suite struct MessageFaultTests {
    static let noObjects = [
        "", " ", "null", "true", "1", "\"text\"", "[]", "[{}]", "{", "}", "{}{}", "{} x",
        "{\"type\":}", "{\"type\":\"ping\",}", "{'type':'ping'}", "{type:1}", "// {}", "\u{0}",
        "{\"type\":\"ping\"\u{0}}", "{\"a\":\"\u{1}\"}", "{\"a\":01}", "{\"a\":NaN}",
        "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":1,\"a\":1}", "\u{FEFF}{}", "{\"a\":+1}", "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":1e}", "{\"a\":-}", "{\"a\":tru}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":[1,]}",
        "{\"a\":[1 2]}",
        "{\"a\":\"b}", "{a\":1}", "{\"a\":\"\\", "{\"a\":\"\\u",
        String(repeating: "[", count: 60_000), String(repeating: "{\"a\":", count: 12_000),
    ]

    @Test(arguments: noObjects)
    func `what is no JSON object is called so`(_ text: String) {
        #expect(ClientMessage.decode(Array(text.utf8)) == .failure(.notAnObject))
        #expect(ServerMessage.decode(Array(text.utf8)) == .failure(.notAnObject))
    }

    @Test func `text that is UTF-16 or cut off inside is no object`() {
        let ping = #"{"type":"ping","id":"1"}"#
        let wide = ping.utf8.flatMap { character -> [UInt8] in [character, 0] }
        #expect(ClientMessage.decode(wide) == .failure(.notAnObject))
        for length in 0..<ping.utf8.count {
            let part = Array(ping.utf8.prefix(length))
            #expect(ClientMessage.decode(part) == .failure(.notAnObject))
        }
    }

    static let envelopes = [
        FaultRow("nothing in it", "{}", .badRequest(id: nil, field: "type")),
        FaultRow("no type", #"{"id":"1"}"#, .badRequest(id: "1", field: "type")),
        FaultRow(
            "a number for a type",
            #"{"id":"1","type":1}"#,
            .badRequest(id: "1", field: "type")
        ),
        FaultRow("no id", #"{"type":"ping"}"#, .badRequest(id: nil, field: "id")),
        FaultRow(
            "a number for an id",
            #"{"type":"ping","id":1}"#,
            .badRequest(id: nil, field: "id")
        ),
        FaultRow("an empty id", #"{"type":"ping","id":""}"#, .badRequest(id: nil, field: "id")),
        FaultRow(
            "an id of 65 bytes",
            #"{"type":"ping","id":"\#(String(repeating: "é", count: 32))x"}"#,
            .badRequest(id: nil, field: "id")
        ),
        FaultRow(
            "a type nobody knows",
            #"{"type":"call.sing","id":"1"}"#,
            .unknownType(id: "1", type: "call.sing")
        ),
        FaultRow(
            "a type nobody knows, and no id",
            #"{"type":"ok"}"#,
            .unknownType(id: nil, type: "ok")
        ),
        FaultRow(
            "a type without end",
            #"{"id":"1","type":"\#(String(repeating: "x", count: 65))"}"#,
            .badRequest(id: "1", field: "type")
        ),
    ]

    static let long = String(repeating: "x", count: 1025)

    static let fields = [
        FaultRow(field: "token", #"{"id":"1","type":"hello","device":{"id":"d"}}"#),
        FaultRow(field: "token", #"{"id":"1","type":"hello","token":"","device":{"id":"d"}}"#),
        FaultRow(field: "device", #"{"id":"1","type":"hello","token":"t"}"#),
        FaultRow(field: "device", #"{"id":"1","type":"hello","token":"t","device":"d"}"#),
        FaultRow(field: "device.id", #"{"id":"1","type":"hello","token":"t","device":{}}"#),
        FaultRow(
            field: "device.model",
            #"{"id":"1","type":"hello","token":"t","device":{"id":"d","model":"\#(long)"}}"#
        ),
        FaultRow(
            field: "device.media.fps",
            #"{"id":"1","type":"hello","token":"t","device":{"id":"d","media":{"fps":"15"}}}"#
        ),
        FaultRow(
            field: "resume.seq",
            #"{"id":"1","type":"hello","token":"t","device":{"id":"d"},"resume":{"session":"s"}}"#
        ),
        FaultRow(
            field: "resume.seq",
            #"""
            {"id":"1","type":"hello","token":"t","device":{"id":"d"},\#
            "resume":{"session":"s","seq":-1}}
            """#
        ),
        FaultRow(
            field: "token",
            #"{"id":"1","type":"auth.renew","token":"\#(String(repeating: "t", count: 4097))"}"#
        ),
        FaultRow(field: "unit", #"{"id":"1","type":"call.start","key":"k"}"#),
        FaultRow(field: "unit", #"{"id":"1","type":"call.start","key":"k","unit":7}"#),
        FaultRow(field: "key", #"{"id":"1","type":"call.start","unit":"u"}"#),
        FaultRow(field: "key", #"{"id":"1","type":"call.start","unit":"u","key":""}"#),
        FaultRow(
            field: "key",
            #"{"id":"1","type":"door.unlock","door":"d","key":"\#(long.prefix(129))"}"#
        ),
        FaultRow(field: "call", #"{"id":"1","type":"call.answer"}"#),
        FaultRow(field: "call", #"{"id":"1","type":"call.answer","call":null}"#),
        FaultRow(field: "call", #"{"id":"1","type":"call.answer","call":["c"]}"#),
        FaultRow(field: "audio", #"{"id":"1","type":"call.media","call":"c","video":true}"#),
        FaultRow(
            field: "video",
            #"{"id":"1","type":"call.media","call":"c","audio":true,"video":1}"#
        ),
        FaultRow(field: "have", #"{"id":"1","type":"directory.get","have":1.5}"#),
        FaultRow(field: "have", #"{"id":"1","type":"directory.get","have":1e400}"#),
        FaultRow(field: "have", #"{"id":"1","type":"passes.sync","have":99999999999999999999}"#),
        FaultRow(field: "search", #"{"id":"1","type":"directory.get","search":"\#(long)"}"#),
        FaultRow(field: "pin", #"{"id":"1","type":"pass.present"}"#),
        FaultRow(field: "qr", #"{"id":"1","type":"pass.present","pin":"1","qr":"q"}"#),
        FaultRow(field: "uses", #"{"id":"1","type":"pass.uses","uses":{}}"#),
        FaultRow(field: "uses.0", #"{"id":"1","type":"pass.uses","uses":["u"]}"#),
        FaultRow(
            field: "uses.0.at",
            #"""
            {"id":"1","type":"pass.uses","uses":[{"use":"u","pass":"p","door":"d",\#
            "at":"yesterday","outcome":"opened"}]}
            """#
        ),
        FaultRow(
            field: "uses.0.at",
            #"""
            {"id":"1","type":"pass.uses","uses":[{"use":"u","pass":"p","door":"d",\#
            "at":"9999-12-31T23:59:59-00:01","outcome":"opened"}]}
            """#
        ),
        FaultRow(field: "outcome", #"{"id":"1","type":"door.result","command":"c"}"#),
        FaultRow(
            field: "outcome",
            #"{"id":"1","type":"door.result","command":"c","outcome":"unknown"}"#
        ),
        FaultRow(field: "state", #"{"id":"1","type":"door.state","door":"d","state":"ajar"}"#),
        FaultRow(
            field: "focus",
            #"{"id":"1","type":"device.status","notifications":"granted","fullScreen":true}"#
        ),
        FaultRow(
            field: "notifications",
            #"{"id":"1","type":"device.status","notifications":"no"}"#
        ),
        FaultRow(field: "push", #"{"id":"1","type":"push.ack","key":"k"}"#),
    ]

    @Test(arguments: envelopes + fields)
    func `a fault names its message and its field`(_ row: FaultRow) {
        #expect(ClientMessage.decode(Array(row.text.utf8)) == .failure(row.fault))
    }

    @Test(arguments: [UInt8(0x80), 0xC0, 0xED, 0xFF])
    func `invalid UTF-8 anywhere is no object`(_ byte: UInt8) {
        let ping = Array(#"{"type":"ping","id":"x","y":"z"}"#.utf8)
        for place in ping.indices {
            var bytes = ping
            bytes.insert(byte, at: place)
            #expect(ClientMessage.decode(bytes) == .failure(.notAnObject))
        }
    }

    @Test func `nesting is taken to thirty-two levels`() {
        for depth in 1...40 {
            let lists = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            let text = #"{"type":"ping","id":"1","a":\#(lists)}"#
            let taken = ClientMessage.decode(Array(text.utf8)) != .failure(.notAnObject)
            #expect(taken == (depth < 32))
        }
    }
}
