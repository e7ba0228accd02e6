// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// One exchange, byte for byte: what a server in any language would see and say.
@Suite struct GoldenTests {
    @Test func `a panel calls, is answered, opens and ends`() throws {
        var bench = Bench(
            PanelClient(
                settings: LineSettings(device: HelloDevice(id: "pan_1")),
                token: Secret("s3cret")
            ),
            seed: 42
        )
        bench.give(.start)
        bench.give(.opened(socket: 1))
        try bench.say(
            """
            {"type":"welcome","re":"$ID","session":"\(Sample.session.text)","role":"panel","seq":0,
            "resumed":false,"time":"2026-11-21T10:12:00.000Z","heartbeat":15,
            "limits":{"message":65536,"frame":262144,"messagesPerSecond":20,"framesPerSecond":200,
            "bitsPerSecond":4000000},"calls":[]}
            """
        )
        bench.order(.press(Sample.unit))
        try bench.say(
            """
            {"type":"ok","re":"$ID","call":"\(Sample.call.text)","handle":77,"ringTimeout":30}
            """
        )
        try bench.say(
            #"{"type":"call.state","seq":1,"call":"\#(Sample.call.text)","state":"active"}"#
        )
        try bench.say(
            """
            {"type":"door.open","seq":2,"command":"\(Sample.command(1).text)",
            "door":"\(Sample.door.text)","seconds":5,"notAfter":"2026-11-21T10:12:05.000Z",
            "notAfterMs":5000}
            """
        )
        bench.order(.doorDid(Sample.command(1), .opened, detail: nil))
        bench.order(.hangUp)
        let key = try #require(bench.key)
        #expect(
            bench.transcript == [
                #"{"type":"hello","id":"ID1","token":"s3cret","device":{"id":"pan_1"}}"#,
                #"{"type":"call.start","id":"ID2","unit":"\#(Sample.unit.text)","key":"\#(key)"}"#,
                #"{"type":"door.result","id":"ID3","command":"\#(Sample.command(1).text)","outcome":"opened"}"#,
                #"{"type":"call.hangup","id":"ID4","call":"\#(Sample.call.text)"}"#,
            ]
        )
    }
}

extension Bench where Machine == PanelClient {
    /// The server says this text; `$ID` is the newest request's id.
    fileprivate mutating func say(_ text: String) throws {
        let id = sent.last?.message.id ?? ""
        let parts = text.split(separator: "$ID", omittingEmptySubsequences: false)
        let whole = parts.joined(separator: id)
        give(.received(try ServerMessage.decode([UInt8](whole.utf8)).get(), socket: socket))
    }

    fileprivate var key: String? {
        if case .callStart(_, let key)? = last(.callStart)?.request { key } else { nil }
    }

    /// What was sent, with the drawn part of each id left out.
    fileprivate var transcript: [String] {
        sent.enumerated().map { index, sent in
            let id = sent.message.id
            let text = String(decoding: sent.message.encoded(), as: UTF8.self)
            let parts = text.split(separator: id, omittingEmptySubsequences: false)
            return parts.joined(separator: "ID\(index + 1)")
        }
    }
}
