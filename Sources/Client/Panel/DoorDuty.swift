// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

/// The last metre of a door command: at most once, never late, and its result told until it is
/// heard.
struct DoorDuty: Sendable {
    /// What to do with a command that came.
    enum Verdict: Sendable, Equatable {
        case act(hold: Duration)
        case refuse(DoorResult)

        /// It was seen before.
        case ignore
    }

    var clock = DoorClock()
    private(set) var memory = CommandMemory()
    private var acting: [CommandID] = []

    /// Results whose telling the server refused for now.
    private(set) var postponed: [(at: Moment, result: DoorResult)] = []

    /// A result refused by a busy server is told again after this.
    private static let postponement = Duration.seconds(2)
    private static let most = 256

    mutating func received(_ open: DoorOpen, at now: Moment) -> Verdict {
        guard memory.insert(open.command) else { return .ignore }
        guard clock.isInTime(notAfter: Int64(open.notAfterMs), at: now) else {
            return .refuse(
                DoorResult(command: open.command, outcome: .failed, detail: "late")
            )
        }
        acting.append(open.command)
        if acting.count > Self.most { acting.removeFirst() }
        return .act(hold: Self.hold(open.seconds))
    }

    /// A command was voided: it is not acted on, should it still come.
    mutating func voided(_ command: CommandID) { _ = memory.insert(command) }

    /// The relay's result; nil for a command that is not being acted on.
    mutating func did(
        _ command: CommandID,
        _ outcome: DoorOutcome,
        detail: String?
    ) -> DoorResult? {
        guard let index = acting.firstIndex(of: command) else { return nil }
        acting.remove(at: index)
        return DoorResult(command: command, outcome: outcome, detail: detail)
    }

    mutating func postpone(_ result: DoorResult, at now: Moment) {
        postponed.append((now + Self.postponement, result))
        if postponed.count > Self.most { postponed.removeFirst() }
    }

    mutating func takeDue(at now: Moment) -> [DoorResult] {
        let due = postponed.filter { $0.at <= now }.map(\.result)
        postponed.removeAll { $0.at <= now }
        return due
    }

    var nextDeadline: Moment? { postponed.map(\.at).min() }

    /// A server's number, within what a relay does.
    private static func hold(_ seconds: Double) -> Duration {
        guard seconds.isFinite else { return .seconds(5) }
        return .milliseconds(Int64(min(max(seconds, 0), 60) * 1_000))
    }
}
