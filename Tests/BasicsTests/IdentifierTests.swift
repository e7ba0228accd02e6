// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics

@Suite struct IdentifierTests {
    private static let spelled: [(high: UInt64, low: UInt64, digits: String)] = [
        (0, 0, "00000000000000000000000000"),
        (0, 1, "00000000000000000000000001"),
        (1, 0, "0000000000000g000000000000"),
        (0x019A_A5B0_7C00_7ABC, 0x8123_4567_89AB_CDEF, "01kajv0z00fay828t5cy4tqkff"),
        (0x0FED_CBA9_8765_4321, 0x1234_5678_9ABC_DEF0, "0fxq5tk1v58cgh4d2pf2dbsqqg"),
        (.max, .max, "7zzzzzzzzzzzzzzzzzzzzzzzzz"),
    ]

    @Test(arguments: spelled)
    func `an identifier has one spelling`(high: UInt64, low: UInt64, digits: String) {
        let id = CallID(high: high, low: low)
        #expect(id.text == "call_" + digits)
        #expect(CallID("call_" + digits) == id)
        #expect(CallID(lenient: "call_" + digits) == id)
    }

    @Test(
        arguments: [
            "", "call", "call_", "call_0", "00000000000000000000000001",
            "door_00000000000000000000000001",  // Another kind.
            "call-00000000000000000000000001",
            "call_0000000000000000000000001",  // One too short.
            "call_000000000000000000000000001",  // One too long.
            "call_80000000000000000000000000",  // 129 bits.
            "call_0000000000000000000000000A",  // Upper case.
            "call_0000000000000000000000000i", "call_0000000000000000000000000l",
            "call_0000000000000000000000000o", "call_0000000000000000000000000u",
            "call_0000000000000000000000000é", "call_000000000000000000000000\u{0}0",
            "CALL_00000000000000000000000001", " call_00000000000000000000000001",
        ])
    func `other text names nothing`(_ text: String) {
        #expect(CallID(text) == nil)
        #expect(CallID(lenient: text) == .nothing)
    }

    @Test func `drawn identifiers are UUIDs of version 7`() {
        var random = SeededGenerator(seed: 1)
        let time = Timestamp(milliseconds: 0x0123_4567_89AB)
        for _ in 0..<100 {
            let id = DoorID(at: time, using: &random)
            #expect(id.high >> 16 == 0x0123_4567_89AB)
            #expect(id.high >> 12 & 0xF == 7)
            #expect(id.low >> 62 == 0b10)
            #expect(DoorID(id.text) == id)
        }
    }

    @Test func `later identifiers come later, in memory and in text`() {
        var random = SeededGenerator(seed: 2)
        let ids = [-5, 0, 1, 1000, 1_800_000_000_000].map {
            CallID(at: Timestamp(milliseconds: $0), using: &random)
        }
        // Before 1970 there is no time: both of the first two lie at 0.
        #expect(ids[0].high >> 16 == 0)
        #expect(ids[1...].sorted() == Array(ids[1...]))
        #expect(ids[1...].map(\.text).sorted() == ids[1...].map(\.text))
        #expect(CallID(high: 1, low: 0) > CallID(high: 0, low: .max))
        #expect(CallID(high: 1, low: 0) < CallID(high: 1, low: 1))
    }

    @Test func `the same generator draws different identifiers`() {
        var random = SeededGenerator(seed: 3)
        let time = Timestamp(milliseconds: 1)
        let ids = Set((0..<1000).map { _ in CallID(at: time, using: &random) })
        #expect(ids.count == 1000)
    }

    @Test func `a log shows the short form`() {
        let id = CallID(high: .max, low: .max)
        #expect("\(id)" == "call…zzzzzz")
    }

    @Test func `in JSON an identifier is its text, nonsense names nothing`() throws {
        let id = UnitID(high: 1, low: 0)
        let data = try JSONEncoder().encode([id])
        #expect(String(decoding: data, as: UTF8.self) == #"["unit_0000000000000g000000000000"]"#)
        #expect(try JSONDecoder().decode([UnitID].self, from: data) == [id])
        let nonsense = Data(#"["unit_?","door_0000000000000g000000000000"]"#.utf8)
        #expect(try JSONDecoder().decode([UnitID].self, from: nonsense) == [.nothing, .nothing])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([UnitID].self, from: Data("[1]".utf8))
        }
    }

    @Test func `each kind has its own prefix`() {
        let kinds: [any IdentifierKind.Type] = [
            PropertyKind.self, UnitKind.self, AccountKind.self, ResidentKind.self,
            OccupancyKind.self, DeviceKind.self, PanelKind.self, DoorKind.self,
            RingGroupKind.self, CallKind.self, CommandKind.self, SessionKind.self, PushKind.self,
            RegistrationKind.self, AppKind.self, CredentialKind.self, EventKind.self,
            PassKind.self,
        ]
        let prefixes = kinds.map { $0.prefix }
        #expect(Set(prefixes).count == kinds.count)
        #expect(prefixes.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isLowercase } })
    }
}
