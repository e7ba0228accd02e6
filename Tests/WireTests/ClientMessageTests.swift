// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleWire

@Suite struct ClientMessageTests {
    @Test(arguments: ClientVector.all)
    func `a client's message is read as the protocol says`(_ vector: ClientVector) {
        #expect(ClientMessage.decode(Array(vector.json.utf8)) == .success(vector.message))
    }

    @Test(arguments: ClientVector.all)
    func `a client's message is written as the protocol says`(_ vector: ClientVector) {
        #expect(String(decoding: vector.message.encoded(), as: UTF8.self) == vector.json)
    }

    @Test func `there is a vector for every message of a client`() {
        let covered = Set(ClientVector.all.map(\.message.request.name))
        #expect(covered == Set(RequestName.allCases))
    }

    @Test func `fields that nobody knows are ignored`() {
        let text = #"{"later":[{"a":{}}],"id":"1","type":"ping","x":1e3,"seq":null}"#
        #expect(decoded(text) == .success(ClientMessage(id: "1", request: .ping)))
    }

    @Test func `a null is an absent field`() {
        let text = #"{"type":"directory.get","id":"1","have":null,"search":null}"#
        let message = ClientMessage(id: "1", request: .directoryGet(DirectoryGet()))
        #expect(decoded(text) == .success(message))
    }

    @Test(arguments: ["", "nonsense", "unit_01k6gv5gr2e00j4ct9m5k6gv5g", "call_", "call_\u{0}"])
    func `an identifier of a foreign form names nothing`(_ text: String) {
        let json = ClientMessage(id: "1", request: .callAnswer(.nothing)).encoded()
        let foreign = String(decoding: json, as: UTF8.self)
            .replacing(CallID.nothing.text, with: text.replacing("\u{0}", with: "\\u0000"))
        #expect(
            decoded(foreign) == .success(ClientMessage(id: "1", request: .callAnswer(.nothing)))
        )
    }

    @Test func `escapes of every kind are read, and written so that any parser reads them`() {
        let search = "\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}ßµ€😀\u{2028}"
        let message = ClientMessage(id: "é", request: .directoryGet(DirectoryGet(search: search)))
        #expect(ClientMessage.decode(message.encoded()) == .success(message))
        let escaped = #"{"type":"ping","id":"\ud83d\ude00\u00e9\/"}"#
        #expect(decoded(escaped) == .success(ClientMessage(id: "😀é/", request: .ping)))
    }

    @Test func `text at its bound is taken`() {
        let request = ClientRequest.callStart(
            unit: Sample.unit,
            key: String(repeating: "k", count: 128)
        )
        let message = ClientMessage(id: String(repeating: "i", count: 64), request: request)
        #expect(ClientMessage.decode(message.encoded()) == .success(message))
        let token = Secret(String(repeating: "t", count: 4096))
        let renewal = ClientMessage(id: "1", request: .authRenew(token: token))
        #expect(ClientMessage.decode(renewal.encoded()) == .success(renewal))
    }

    private func decoded(_ text: String) -> Result<ClientMessage, MessageFault> {
        ClientMessage.decode(Array(text.utf8))
    }
}
