// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

/// What the doors' sensors say: the newest state of each door, told until the server heard it.
///
/// A state is only worth something until the next one, so nothing waits in a queue: whatever was
/// not heard is told after the next welcome. A server that does not resume the session may never
/// have heard the older ones, and is told all of them again.
struct SensorDuty: Sendable, Equatable {
    private struct Reading: Sendable, Equatable {
        let door: DoorID
        var state: DoorState
        var isTold = false

        /// The request that tells it, while that is under way.
        var request: Int?

        /// Not before this.
        var again: Moment?

        func isDue(at now: Moment) -> Bool {
            !isTold && request == nil && again.map { $0 <= now } ?? true
        }
    }

    private var readings: [Reading] = []

    /// Doors of one panel; the one that was longest without news is forgotten first.
    private static let most = 64

    /// What was refused for now, or not answered, is told again after this.
    private static let postponement = Duration.seconds(2)

    /// A sensor changed, or says the same again.
    mutating func reads(_ door: DoorID, _ state: DoorState) {
        readings.removeAll { $0.door == door }
        readings.append(Reading(door: door, state: state))
        if readings.count > Self.most { readings.removeFirst() }
    }

    /// A connection begins; what was told on the older one without an answer counts as not told.
    mutating func welcomed(resumed: Bool) {
        for index in readings.indices {
            if !resumed { readings[index].isTold = false }
            readings[index].request = nil
            readings[index].again = nil
        }
    }

    /// What is to be told now.
    func due(at now: Moment) -> [(door: DoorID, state: DoorState)] {
        readings.filter { $0.isDue(at: now) }.map { ($0.door, $0.state) }
    }

    /// It is being told under this number; nil: it could not be asked now.
    mutating func asked(_ door: DoorID, number: Int?, at now: Moment) {
        guard let index = readings.firstIndex(where: { $0.door == door }) else { return }
        readings[index].request = number
        readings[index].again = number == nil ? now + Self.postponement : nil
    }

    /// A state counts as told when the server took it, or said that it never will.
    mutating func answered(
        _ number: Int,
        _ result: Result<Answer, RequestFailure>,
        at now: Moment
    ) {
        guard let index = readings.firstIndex(where: { $0.request == number }) else { return }
        readings[index].request = nil
        switch result {
        case .failure(.refused(let refusal))
        where refusal.code == .busyServer || refusal.code == .rateLimited:
            readings[index].again = now + Self.postponement
        case .success, .failure(.refused): readings[index].isTold = true
        case .failure: readings[index].again = now + Self.postponement
        }
    }

    var nextDeadline: Moment? {
        readings.filter { !$0.isTold && $0.request == nil }.compactMap(\.again).min()
    }
}
