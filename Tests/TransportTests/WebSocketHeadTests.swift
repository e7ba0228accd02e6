// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleTransport

@Suite struct WebSocketHeadTests {
    private func read(_ bytes: [UInt8]) -> WebSocketHead.Reading {
        bytes.withUnsafeBytes { WebSocketHead.read($0) }
    }

    private func head(
        _ kind: WebSocketHead.Kind,
        _ size: Int,
        _ length: Int,
        isFinal: Bool = true
    ) -> WebSocketHead.Reading {
        .head(
            WebSocketHead(
                kind: kind,
                isFinal: isFinal,
                size: size,
                length: length,
                key: 0x0403_0201
            )
        )
    }

    private let key: [UInt8] = [1, 2, 3, 4]

    @Test func `each form of the length is read`() {
        #expect(read([0x82, 0x80] + key) == head(.binary, 6, 0))
        #expect(read([0x81, 0xFD] + key) == head(.text, 6, 125))
        #expect(read([0x82, 0xFE, 0, 126] + key) == head(.binary, 8, 126))
        #expect(read([0x82, 0xFE, 0xFF, 0xFF] + key) == head(.binary, 8, 65_535))
        #expect(read([0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0] + key) == head(.binary, 14, 65_536))
        #expect(
            read([0x82, 0xFF, 0x7F, 255, 255, 255, 255, 255, 255, 255] + key)
                == head(.binary, 14, .max - 14)
        )
    }

    @Test func `fragments and control frames are told apart`() {
        #expect(read([0x01, 0x81] + key) == head(.text, 6, 1, isFinal: false))
        #expect(read([0x00, 0x81] + key) == head(.continuation, 6, 1, isFinal: false))
        #expect(read([0x80, 0x81] + key) == head(.continuation, 6, 1))
        #expect(read([0x88, 0x80] + key) == head(.close, 6, 0))
        #expect(read([0x89, 0x80] + key) == head(.ping, 6, 0))
        #expect(read([0x8A, 0x80] + key) == head(.pong, 6, 0))
    }

    @Test(
        arguments: [
            ([0x82, 0x05, 1, 2, 3, 4], "not masked"),
            ([0xC2, 0x80], "RSV1, which only an extension may set"),
            ([0xA2, 0x80], "RSV2"),
            ([0x92, 0x80], "RSV3"),
            ([0x83, 0x80], "a reserved data code"),
            ([0x8B, 0x80], "a reserved control code"),
            ([0x09, 0x80], "a ping in fragments"),
            ([0x88, 0xFE], "a close frame of more than 125 bytes"),
            ([0x82, 0xFE, 0, 125], "a length that has a shorter form"),
            ([0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], "another one"),
            ([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], "a negative length"),
        ] as [([UInt8], String)]
    )
    func `what no client may send is a fault`(bytes: [UInt8], what: String) {
        #expect(read(bytes) == .fault, "\(what)")
    }

    @Test func `a head that has not come whole says how much it needs`() {
        let whole: [[UInt8]] = [
            [0x82, 0x85] + key, [0x82, 0xFE, 1, 0] + key,
            [0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0] + key,
        ]
        for bytes in whole {
            for count in 0..<bytes.count {
                guard case .needs(let needed) = read(Array(bytes[..<count])) else {
                    Issue.record("\(count) bytes of \(bytes) were enough")
                    continue
                }
                #expect(needed > count && needed <= bytes.count)
            }
        }
    }
}
