// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

/// The visits of a run as those who played them were told, for the history to agree with.
package final class PastVisits {
    /// Presses that were made.
    package var made = 0

    private var visits: [String: Visit] = [:]

    package init() {}

    package func add(_ visit: Visit) {
        if let call = visit.call { visits[call.text] = visit }
    }

    /// Where the history tells another story, a sentence each.
    package func contradictions(with history: [PastCall]) -> [String] {
        var found: [String] = []
        if history.count != made { found.append("\(history.count) calls, \(made) were made") }
        let known = Set(history.map(\.id))
        for (id, visit) in visits.sorted(by: { $0.value.number < $1.value.number })
        where !known.contains(id) {
            let ending = visit.ending?.rawValue ?? "without an end"
            found.append("\(id), \(ending), is not in the history")
        }
        for call in history {
            guard let visit = visits[call.id] else {
                // Of a visit that is not over, which is a fault of its own; or cancelled before
                // anybody heard its number.
                continue
            }
            if call.outcome != visit.ending?.rawValue {
                found.append(
                    """
                    \(call.id) is \(call.outcome ?? "live"), the panel was told \
                    \(visit.ending?.rawValue ?? "nothing")
                    """
                )
            }
            if call.answeredBy?.device != visit.winner?.text {
                found.append("\(call.id) was answered by another device than was told so")
            }
        }
        return found
    }
}
