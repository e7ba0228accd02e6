// SPDX-License-Identifier: Apache-2.0

import Foundation
package import VestibuleBasics

/// Hours in which nobody rings a person: chosen weekdays, from and to in minutes of the local day.
///
/// Hours that pass midnight belong to the day they begin on. The end minute is inclusive.
package struct QuietHours: Sendable, Equatable, Codable {
    /// 1 is Monday, 7 is Sunday (ISO 8601).
    package var days: [Int]

    /// Minutes since local midnight, 0–1439.
    package var from: Int
    package var to: Int

    package init(days: [Int], from: Int, to: Int) {
        self.days = days
        self.from = from
        self.to = to
    }

    /// Whether the local time is inside.
    ///
    /// Asked of local time, never by expanding instants: so both daylight-saving nights are right.
    package func contains(_ local: LocalTime) -> Bool {
        if from <= to {
            return days.contains(local.weekday) && (from...to).contains(local.minute)
        }
        let yesterday = local.weekday == 1 ? 7 : local.weekday - 1
        return (days.contains(local.weekday) && local.minute >= from)
            || (days.contains(yesterday) && local.minute <= to)
    }
}

/// The weekday and minute that a clock on a property's wall shows.
package struct LocalTime: Sendable, Equatable {
    /// 1 is Monday, 7 is Sunday (ISO 8601).
    package let weekday: Int

    /// Minutes since midnight as the clock shows them.
    package let minute: Int

    package init(weekday: Int, minute: Int) {
        self.weekday = weekday
        self.minute = minute
    }

    /// Reads the clock of an IANA zone; nil where the zone is unknown.
    package init?(at time: Timestamp, in zone: String) {
        guard let timeZone = TimeZone(identifier: zone) else { return nil }
        let seconds = time.milliseconds / 1000
        let date = Date(timeIntervalSince1970: Double(seconds))
        let local = Int(seconds) + timeZone.secondsFromGMT(for: date)
        let day = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        minute = (local - day * 86_400) / 60
        weekday = ((day + 3) % 7 + 7) % 7 + 1  // 1970-01-01 was a Thursday.
    }
}
