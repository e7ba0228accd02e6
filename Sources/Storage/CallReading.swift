// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleCallCore

/// What history says of a call: a fold of its log, which every store keeps beside the log as its
/// index.
///
/// Total, as the call's own fold is: what comes after an end changes nothing.
package struct CallSummary: Sendable, Equatable {
    package let call: CallID
    package let property: PropertyID
    package let unit: UnitID
    package let panel: PanelID
    package let startedAt: Timestamp

    /// How many entries the log has: the index of the next.
    package private(set) var events: Int
    package private(set) var answeredAt: Timestamp?
    package private(set) var endedAt: Timestamp?
    package private(set) var outcome: CallOutcome?
    package private(set) var answeredBy: Party?

    /// Begins with the first entry; nil where that is no start.
    package init?(_ first: LoggedCallEvent) {
        guard case .started(let plan) = first.event else { return nil }
        call = plan.call
        property = plan.property
        unit = plan.unit
        panel = plan.panel
        startedAt = first.at
        events = 1
    }

    /// Reads a whole log; nil where it does not begin with a start.
    package init?(log: [LoggedCallEvent]) {
        guard let first = log.first else { return nil }
        self.init(first)
        for entry in log.dropFirst() { apply(entry) }
    }

    /// A summary as a store gives it back.
    package init(
        call: CallID,
        property: PropertyID,
        unit: UnitID,
        panel: PanelID,
        startedAt: Timestamp,
        events: Int,
        answeredAt: Timestamp?,
        endedAt: Timestamp?,
        outcome: CallOutcome?,
        answeredBy: Party?
    ) {
        self.call = call
        self.property = property
        self.unit = unit
        self.panel = panel
        self.startedAt = startedAt
        self.events = events
        self.answeredAt = answeredAt
        self.endedAt = endedAt
        self.outcome = outcome
        self.answeredBy = answeredBy
    }

    /// The next entry of the log.
    package mutating func apply(_ entry: LoggedCallEvent) {
        events += 1
        guard endedAt == nil else { return }
        switch entry.event {
        case .answered(let party) where answeredBy == nil:
            answeredAt = entry.at
            answeredBy = party
        case .ended(let outcome):
            endedAt = entry.at
            self.outcome = outcome
        case .started, .offered, .rang, .previewed, .ignored, .declined, .personRemoved,
            .deviceRemoved, .answered, .lost, .returned:
            break
        }
    }
}

extension CallRecord {
    /// The call in history: its summary, the names of that time, and the doors that were opened
    /// from it, oldest attempt first.
    package init(
        _ summary: CallSummary,
        panelName: String,
        unitLabel: String,
        answeredByName: String?,
        doors: [DoorAttemptRecord]
    ) {
        let attempts = doors.sorted {
            ($0.attempt.at, $0.attempt.command) < ($1.attempt.at, $1.attempt.command)
        }
        self.init(
            id: summary.call,
            property: summary.property,
            panel: Named(id: summary.panel, name: panelName),
            unit: Named(id: summary.unit, name: unitLabel),
            startedAt: summary.startedAt,
            answeredAt: summary.answeredAt,
            endedAt: summary.endedAt,
            outcome: summary.outcome,
            answeredBy: summary.answeredBy,
            answeredByName: summary.answeredBy == nil ? nil : answeredByName,
            unlocks: attempts.map {
                Unlock(
                    door: $0.attempt.door,
                    at: $0.attempt.at,
                    outcome: $0.result?.outcome ?? .unknown
                )
            }
        )
    }

    /// The call in history, read from its log; nil where that does not begin with a start.
    package init?(
        log: [LoggedCallEvent],
        panelName: String,
        unitLabel: String,
        answeredByName: String?,
        doors: [DoorAttemptRecord]
    ) {
        guard let summary = CallSummary(log: log) else { return nil }
        self.init(
            summary,
            panelName: panelName,
            unitLabel: unitLabel,
            answeredByName: answeredByName,
            doors: doors
        )
    }
}

extension DoorResultRecord {
    /// The one that counts of several in the order they came: the last that is not `unknown`.
    package static func standing(_ results: [DoorResultRecord]) -> DoorResultRecord? {
        results.last { $0.outcome != .unknown } ?? results.last
    }
}
