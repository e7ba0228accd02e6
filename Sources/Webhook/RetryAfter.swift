// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// How long a `Retry-After` (RFC 9110 §10.2.3) tells to wait, counted from `now`; nil if it cannot
/// be read.
func retryAfter(_ value: String, now: Timestamp) -> Duration? {
    if let seconds = Int64(value), seconds >= 0 { return .seconds(min(seconds, 86_400)) }
    // IMF-fixdate only: "Sun, 06 Nov 1994 08:49:37 GMT". The two obsolete forms are not sent.
    let parts = value.split(separator: " ")
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2]))
    else { return nil }
    let number = month + 1 < 10 ? "0\(month + 1)" : "\(month + 1)"
    guard let time = Timestamp(rfc3339: "\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z") else {
        return nil
    }
    return min(max(.zero, time - now), .seconds(86_400))
}
