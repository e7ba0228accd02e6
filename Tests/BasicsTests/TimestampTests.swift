// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics

@Suite struct TimestampTests {
    private static let both: [(milliseconds: Int64, text: String)] = [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-86_400_000, "1969-12-31T00:00:00.000Z"),
        (-2_208_988_800_000, "1900-01-01T00:00:00.000Z"),
        (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
        (68_169_600_000, "1972-02-29T00:00:00.000Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
        (1_709_251_200_000, "2024-03-01T00:00:00.000Z"),
        (1_795_255_920_007, "2026-11-21T10:12:00.007Z"),
        (2_147_483_648_000, "2038-01-19T03:14:08.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ]

    @Test(arguments: both)
    func `an instant is written and read`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).rfc3339 == text)
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(
        arguments: [
            ("2026-11-21T10:12:00Z", 1_795_255_920_000),
            ("2026-11-21T10:12:00.5Z", 1_795_255_920_500),
            ("2026-11-21T10:12:00.50Z", 1_795_255_920_500),
            ("2026-11-21T10:12:00.1234567890123456789Z", 1_795_255_920_123),
            ("2026-11-21T10:12:00.9999Z", 1_795_255_920_999),
            ("2026-11-21T11:12:00+01:00", 1_795_255_920_000),
            ("2026-11-21T05:42:00-04:30", 1_795_255_920_000),
            ("2026-11-21T10:12:00-00:00", 1_795_255_920_000),
            ("2024-03-01T01:00:00+02:00", 1_709_247_600_000),
            ("0000-01-01T00:00:00+23:59", -62_167_305_540_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ] as [(String, Int64)]
    )
    func `other spellings are read`(_ text: String, _ milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(
        arguments: [
            "", "2026", "2026-11-21", "2026-11-21T10:12:00", "2026-11-21 10:12:00Z",
            "2026-11-21T10:12Z", "2026-11-21T10:12:00.Z", "2026-11-21T10:12:00,5Z",
            "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-00T00:00:00Z",
            "2026-11-31T00:00:00Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
            "2026-11-21T24:00:00Z", "2026-11-21T10:60:00Z", "2026-11-21T10:12:61Z",
            "2026-11-21T10:12:00+24:00", "2026-11-21T10:12:00+01:60", "2026-11-21T10:12:00+0100",
            "2026-11-21T10:12:00Z ", " 2026-11-21T10:12:00Z", "-026-11-21T10:12:00Z",
            "12026-11-21T10:12:00Z", "2026-11-21T10:12:00ZZ", "２０２６-11-21T10:12:00Z",
        ])
    func `what is no instant is refused`(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `every day of four centuries is written and read`() throws {
        var previous = ""
        for day in Int64(-146_097)...146_097 {
            let time = Timestamp(milliseconds: day * 86_400_000)
            let text = time.rfc3339
            #expect(text > previous)
            #expect(Timestamp(rfc3339: text) == time)
            previous = text
        }
    }

    @Test func `the ends of time do not trap`() {
        #expect(!Timestamp(milliseconds: .max).rfc3339.isEmpty)
        #expect(!Timestamp(milliseconds: .min).rfc3339.isEmpty)
        #expect(Timestamp(milliseconds: .max) + .seconds(1) < Timestamp(milliseconds: 0))
    }

    @Test func `instants are added and compared`() {
        let noon = Timestamp(milliseconds: 1_000)
        #expect(noon + .milliseconds(500) == Timestamp(milliseconds: 1_500))
        #expect(noon + .seconds(-2) == Timestamp(milliseconds: -1_000))
        #expect(Timestamp(milliseconds: 1_500) - noon == .milliseconds(500))
        #expect(noon < noon + .milliseconds(1))
    }
}
