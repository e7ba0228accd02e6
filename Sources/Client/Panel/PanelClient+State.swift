// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

extension PanelClient {
    /// Where the panel's one call is.
    enum State: Sendable, Equatable {
        case idle
        case starting(Starting)
        case live(Live)
        case ended(CallID?, PanelEnding)
    }

    struct Starting: Sendable, Equatable {
        let unit: UnitID
        let request: Int

        /// The guest gave up before the call had a name: it is cancelled as soon as it has one.
        var isCancelled = false

        /// How calls stand of which one may turn out to be this one: told before the answer came,
        /// by events and by welcomes.
        private(set) var seen: [PanelCallState] = []

        /// A panel has one call; more than a few are a server's error.
        private static let most = 16

        init(unit: UnitID, request: Int) {
            self.unit = unit
            self.request = request
        }

        /// How this call stands, where that was told already.
        func seen(_ call: CallID) -> PanelCallState? { seen.first { $0.call == call } }

        mutating func saw(_ call: PanelCallState) {
            var call = call
            let old = seen(call.call)
            call.media = call.media ?? old?.media
            call.answeredBy = call.answeredBy ?? old?.answeredBy
            seen.removeAll { $0.call == call.call }
            seen.append(call)
            guard seen.count > Self.most else { return }
            seen.remove(at: seen.firstIndex { !$0.isLive } ?? seen.startIndex)
        }
    }

    struct Live: Sendable, Equatable {
        let call: CallID
        let handle: UInt32
        var unit: UnitID?
        var isActive = false
        var answeredBy: AnsweredBy?
        var media: MediaAbilities?
    }

    /// What an answer is for.
    enum Purpose: Sendable, Equatable {
        case start
        case end(CallID)
        case directory
        case door(DoorResult)
        case sensor
        case renewal
        case tagged(Int)
        case nothing
    }
}

extension PanelCallState {
    /// As a welcome tells it.
    init(_ entry: CallEntry) {
        self.init(
            call: entry.offer.call,
            state: entry.state,
            answeredBy: entry.answeredBy,
            outcome: entry.outcome
        )
    }

    /// Whether somebody stands at the door, or talks.
    var isLive: Bool { state == .ringing || state == .active }
}
