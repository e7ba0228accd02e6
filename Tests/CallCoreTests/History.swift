// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCallCore

/// What holds for a drawn call as a whole.
struct History {
    let drawn: DrawnCall

    init(_ drawn: DrawnCall) {
        self.drawn = drawn
    }

    func broken() -> [String] {
        oneWinnerOneEnd() + outcomeFits() + offersEachOnce() + mediaFollows()
    }

    private var events: [CallEvent] { drawn.log.map(\.event) }

    private var winners: Int {
        events.count { if case .answered = $0 { true } else { false } }
    }

    private func oneWinnerOneEnd() -> [String] {
        var broken: [String] = []
        let ends = events.indices.filter { if case .ended = events[$0] { true } else { false } }
        if winners > 1 { broken.append("\(winners) winners") }
        if ends.count > 1 { broken.append("\(ends.count) ends") }
        if let end = ends.first, end != events.count - 1 { broken.append("a record after the end") }
        if (ends.count == 1) != (drawn.call.phase == .ended) { broken.append("an end unwritten") }
        return broken
    }

    private func outcomeFits() -> [String] {
        let declined = events.contains { if case .declined = $0 { true } else { false } }
        let fits =
            switch drawn.call.outcome {
            case .completed, .dropped, .limit: winners == 1
            case .cancelled, .unreachable: winners == 0
            case .missed: winners == 0
            case .declined: winners == 0 && declined
            case .revoked, .panelLost, nil: true
            }
        return fits ? [] : ["\(drawn.call.outcome as Any) does not fit the log"]
    }

    /// A restart rings anew; nothing else offers a device the call a second time.
    private func offersEachOnce() -> [String] {
        var offered: [DeviceID] = []
        for turn in drawn.turns where turn.input != .restarted {
            for case .offer(let people) in turn.effects { offered += people.flatMap(\.devices) }
        }
        return Set(offered).count == offered.count ? [] : ["a device was offered it twice"]
    }

    /// Media stops once, at the end; a picture is shown to those whom the call remembers.
    private func mediaFollows() -> [String] {
        var broken: [String] = []
        var shown: Set<DeviceID> = []
        var stops = 0
        for turn in drawn.turns {
            if turn.input == .restarted { shown = [] }
            for effect in turn.effects {
                switch effect {
                case .preview(let party): shown.insert(party.device)
                case .endPreview(let device): shown.remove(device)
                case .connect(let party): shown.remove(party.device)
                case .disconnect:
                    shown = []
                    stops += 1
                default: break
                }
            }
            var remembered: [DeviceID] = []
            if case .ringing(let ringing) = turn.after.state { remembered = ringing.previewers }
            if shown != Set(remembered) { broken.append("a picture shown to \(shown)") }
        }
        if stops != (drawn.call.phase == .ended ? 1 : 0) {
            broken.append("media stopped \(stops)×")
        }
        return broken
    }
}
