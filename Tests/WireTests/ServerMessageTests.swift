// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleWire

@Suite struct ServerMessageTests {
    @Test(arguments: ServerVector.all)
    func `a server's message is read as the protocol says`(_ vector: ServerVector) {
        #expect(ServerMessage.decode(Array(vector.json.utf8)) == .success(vector.message))
    }

    @Test(arguments: ServerVector.all)
    func `a server's message is written as the protocol says`(_ vector: ServerVector) {
        #expect(String(decoding: vector.message.encoded(), as: UTF8.self) == vector.json)
    }

    @Test func `there is a vector for every event`() {
        let covered = Set(
            ServerVector.events.compactMap { vector -> EventName? in
                guard case .event(_, let event) = vector.message else { return nil }
                return event.name
            }
        )
        #expect(covered == Set(EventName.allCases))
    }

    @Test func `an event of a later version is known by its type and counted`() {
        let text = #"{"type":"lift.arrived","seq":17,"floor":3}"#
        let event = ServerMessage.event(seq: 17, .unknown(type: "lift.arrived"))
        #expect(decoded(text) == .success(event))
        #expect(decoded(String(decoding: event.encoded(), as: UTF8.self)) == .success(event))
    }

    @Test func `a word of a later version is unknown, and the rest is read`() {
        let text = """
            {"type":"call.state","seq":1,"call":"\(Sample.call.text)","state":"parked",\
            "you":"waiting","reason":"lunch","outcome":"teleported"}
            """
        let state = ResidentCallState(
            call: Sample.call,
            state: .unknown,
            you: .unknown,
            reason: .unknown,
            outcome: .unknown
        )
        #expect(decoded(text) == .success(.event(seq: 1, .callState(state))))
    }

    @Test func `an error code of a later version survives both ways`() {
        let text = #"{"type":"error","re":"1","code":"too_late_o_clock","detail":"d"}"#
        let message = ServerMessage.refused(
            re: "1",
            Refusal(ErrorCode(rawValue: "too_late_o_clock"), detail: "d")
        )
        #expect(decoded(text) == .success(message))
        #expect(String(decoding: message.encoded(), as: UTF8.self) == text)
    }

    @Test func `the codes are those of the protocol, each once`() {
        let codes = ErrorCode.allCases.map(\.rawValue)
        #expect(codes.count == 31)
        #expect(Set(codes).count == codes.count)
        #expect(codes.allSatisfy { $0.allSatisfy { $0 == "_" || ("a"..."z").contains($0) } })
    }

    @Test(arguments: [
        (#"{"type":"ok"}"#, MessageFault.badRequest(id: nil, field: "re")),
        (#"{"type":"error","re":"1"}"#, .badRequest(id: "1", field: "code")),
        (#"{"type":"ok","re":"1","handle":-1}"#, .badRequest(id: "1", field: "handle")),
        (#"{"type":"ok","re":"1","time":"noon"}"#, .badRequest(id: "1", field: "time")),
        (#"{"type":"door.void","seq":1}"#, .badRequest(id: nil, field: "command")),
        (#"{"type":"doors.changed","seq":"1"}"#, .badRequest(id: nil, field: "seq")),
        (#"{"type":"doors.changed"}"#, .unknownType(id: nil, type: "doors.changed")),
        (#"{"type":"welcome","re":"1"}"#, .badRequest(id: "1", field: "session")),
    ])
    func `a server's fault is named`(_ text: String, _ fault: MessageFault) {
        #expect(decoded(text) == .failure(fault))
    }

    @Test(arguments: [(30.0, "30"), (0.75, "0.75"), (-0.0, "0"), (1e300, "1e+300")])
    func `seconds are plain numbers`(_ seconds: Double, _ text: String) {
        let message = ServerMessage.ok(
            re: "1",
            .started(.nothing, handle: 1, ringTimeout: seconds)
        )
        let json = String(decoding: message.encoded(), as: UTF8.self)
        #expect(json.hasSuffix(#""ringTimeout":\#(text)}"#))
        #expect(decoded(json) == .success(message))
    }

    @Test func `a secret shows only where it is asked for`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(Hello(token: secret, device: HelloDevice(id: "d")), to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect("\(secret)" == "•••")
        #expect(String(reflecting: [secret]) == "[•••]")
        #expect(secret.reveal == "hunter2")
    }

    private func decoded(_ text: String) -> Result<ServerMessage, MessageFault> {
        ServerMessage.decode(Array(text.utf8))
    }
}
