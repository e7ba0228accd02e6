// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics

@Suite struct QuietHoursTests {
    private static let night = QuietHours(days: [1, 2, 3, 4, 5, 6, 7], from: 22 * 60, to: 6 * 60)
    private static let friday = QuietHours(days: [5], from: 22 * 60, to: 6 * 60)
    private static let noon = QuietHours(days: [6, 7], from: 12 * 60, to: 14 * 60)
    private static let day = QuietHours(days: [3], from: 0, to: 23 * 60 + 59)

    @Test(
        arguments: [
            ("Friday 21:59", friday, 5, 21 * 60 + 59, false),
            ("Friday 22:00", friday, 5, 22 * 60, true),
            ("Friday 23:59", friday, 5, 23 * 60 + 59, true),
            ("the morning after", friday, 6, 0, true),
            ("its last minute is inside", friday, 6, 6 * 60, true),
            ("the minute after is not", friday, 6, 6 * 60 + 1, false),
            ("Saturday's own evening", friday, 6, 22 * 60, false),
            ("Friday's own morning belongs to Thursday", friday, 5, 3 * 60, false),
            ("Sunday night runs into Monday", night, 1, 3 * 60, true),
            ("a weekend's noon", noon, 7, 13 * 60, true),
            ("a weekday's noon", noon, 1, 13 * 60, false),
            ("the first minute", noon, 6, 12 * 60, true),
            ("the end minute is inclusive", noon, 6, 14 * 60, true),
            ("a whole day from its first minute", day, 3, 0, true),
            ("to its last", day, 3, 23 * 60 + 59, true),
            ("and not the next", day, 4, 0, false),
        ] as [(String, QuietHours, Int, Int, Bool)]
    )
    func `the clock on the wall decides`(
        _ row: String,
        _ hours: QuietHours,
        _ weekday: Int,
        _ minute: Int,
        _ isInside: Bool
    ) {
        #expect(hours.contains(LocalTime(weekday: weekday, minute: minute)) == isInside, "\(row)")
    }

    private static let sundayNight = QuietHours(days: [6], from: 23 * 60, to: 2 * 60 + 30)

    // Berlin goes from 02:00 to 03:00 on Sunday 2027-03-28, from 03:00 back to 02:00 on 2027-10-31.
    @Test(
        arguments: [
            ("spring, before", "2027-03-28T00:59:00Z", 1 * 60 + 59, true),
            ("spring, the hour from two to three is not there", "2027-03-28T01:00:00Z", 180, false),
            ("spring, half past one UTC", "2027-03-28T01:30:00Z", 3 * 60 + 30, false),
            ("autumn, the first half past two", "2027-10-31T00:30:00Z", 150, true),
            ("autumn, the first 02:31", "2027-10-31T00:31:00Z", 151, false),
            ("autumn, two o'clock again", "2027-10-31T01:00:00Z", 120, true),
            ("autumn, the second half past two", "2027-10-31T01:30:59Z", 150, true),
            ("autumn, the second 02:31", "2027-10-31T01:31:00Z", 151, false),
        ] as [(String, String, Int, Bool)]
    )
    func `both daylight-saving nights go by the wall`(
        _ row: String,
        _ time: String,
        _ minute: Int,
        _ isQuiet: Bool
    ) throws {
        let instant = try #require(Timestamp(rfc3339: time))
        let local = try #require(LocalTime(at: instant, in: "Europe/Berlin"))
        #expect(local == LocalTime(weekday: 7, minute: minute), "\(row)")
        #expect(Self.sundayNight.contains(local) == isQuiet, "\(row)")
    }

    @Test(arguments: [
        ("2027-01-01T11:59:00Z", "Pacific/Kiritimati", 6, 119),
        ("2027-01-01T11:59:00Z", "Pacific/Pago_Pago", 5, 59),
        ("2028-02-29T12:00:00Z", "Asia/Kathmandu", 2, 1_065),
        ("1969-12-31T23:59:59Z", "Etc/UTC", 3, 1_439),
        ("1970-01-01T00:00:00Z", "Etc/UTC", 4, 0),
    ])
    func `every zone's wall is read, far from UTC and before 1970 too`(
        _ time: String,
        _ zone: String,
        _ weekday: Int,
        _ minute: Int
    ) throws {
        let instant = try #require(Timestamp(rfc3339: time))
        #expect(LocalTime(at: instant, in: zone) == LocalTime(weekday: weekday, minute: minute))
    }

    @Test func `an unknown zone has no wall`() {
        #expect(LocalTime(at: Timestamp(milliseconds: 0), in: "Moon/Tranquility") == nil)
    }
}
