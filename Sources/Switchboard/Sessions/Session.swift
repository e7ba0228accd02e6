// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleWire

/// What is kept for a panel or device between its sockets: events to replay, answers to repeat.
///
/// A value: it moves whole to the loop where the next `hello` arrives.
package struct Session: Sendable {
    let id: SessionID

    /// The media handles given to it.
    var handles = HandleList()

    /// The newest event's number; events count from 1.
    private(set) var sequence = 0
    private var events: [ServerEvent] = []
    private var answers: [String: Stored] = [:]
    private var answerOrder: [String] = []

    /// The newest version told of each call: the newest calls, since the board that owns a call
    /// may be another one, and forgets it alone.
    private var versions: [CallID: Int] = [:]
    private var versionOrder: [CallID] = []
    private let limits: SessionLimits

    private enum Stored {
        case pending
        case answered(Reply)
    }

    init(id: SessionID, limits: SessionLimits) {
        self.id = id
        self.limits = limits
    }

    // MARK: Events

    /// Numbers an event and keeps it for replay.
    mutating func add(_ event: ServerEvent) -> Int {
        sequence += 1
        events.append(event)
        if events.count > limits.events { events.removeFirst(events.count - limits.events) }
        return sequence
    }

    /// Whether what is told of a call is news; remembers it if so.
    mutating func isNews(_ call: CallID, version: Int) -> Bool {
        guard version > versions[call] ?? 0 else { return false }
        remember(call, version: version)
        return true
    }

    /// The welcome shows a call as it was at this version: what is older is no news any longer.
    mutating func shown(_ call: CallID, version: Int) {
        remember(call, version: max(version, versions[call] ?? 0))
    }

    mutating func forget(_ call: CallID) {
        guard versions.removeValue(forKey: call) != nil else { return }
        versionOrder.removeAll { $0 == call }
    }

    private mutating func remember(_ call: CallID, version: Int) {
        if versions.updateValue(version, forKey: call) == nil { versionOrder.append(call) }
        if versionOrder.count > limits.versions {
            versions[versionOrder.removeFirst()] = nil
        }
    }

    /// The events after `sequence`, or nil where they are not all kept.
    ///
    /// A door is never opened by a replay: `door.void` stands in its place.
    func replay(after number: Int) -> [(number: Int, event: ServerEvent)]? {
        guard number >= 0, number <= sequence, sequence - number <= events.count else {
            return nil
        }
        return events.suffix(sequence - number).enumerated().map { index, event in
            (number + 1 + index, Self.replayable(event))
        }
    }

    private static func replayable(_ event: ServerEvent) -> ServerEvent {
        if case .doorOpen(let open) = event { .doorVoid(command: open.command) } else { event }
    }

    // MARK: Answers

    /// What a request id means.
    enum RequestState {
        case new
        case pending
        case answered(Reply)
    }

    /// Takes a request id in; a repeated one gets its answer again.
    mutating func take(_ request: String) -> RequestState {
        switch answers[request] {
        case .pending: return .pending
        case .answered(let reply): return .answered(reply)
        case nil:
            answers[request] = .pending
            answerOrder.append(request)
            if answerOrder.count > limits.answers {
                answers[answerOrder.removeFirst()] = nil
            }
            return .new
        }
    }

    /// Keeps the answer; false where the request is not known any longer or was answered.
    mutating func answer(_ request: String, _ reply: Reply) -> Bool {
        guard case .pending = answers[request] else { return false }
        answers[request] = .answered(reply)
        return true
    }
}
