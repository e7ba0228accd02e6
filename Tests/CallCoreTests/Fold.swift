// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCallCore

/// A call and the one rebuilt from its log, side by side.
struct Fold {
    let drawn: DrawnCall
    private let now: Now

    init(_ drawn: DrawnCall) {
        self.drawn = drawn
        now = drawn.turns[drawn.turns.count - 1].now
    }

    func broken(using random: inout SeededGenerator) -> [String] {
        guard let rebuilt = drawn.replayed() else { return ["a log that is no call"] }
        return looksTheSame(rebuilt) + ringsAsLong(rebuilt)
            + goesOnTheSame(rebuilt, using: &random)
    }

    private func looksTheSame(_ rebuilt: Call) -> [String] {
        let call = drawn.call
        var broken: [String] = []
        if rebuilt.phase != call.phase { broken.append("phase \(rebuilt.phase)") }
        if rebuilt.outcome != call.outcome { broken.append("outcome \(rebuilt.outcome as Any)") }
        if rebuilt.answeredBy != call.answeredBy { broken.append("another winner") }
        if rebuilt.offered != call.offered { broken.append("offered \(rebuilt.offered)") }
        if rebuilt.panelView != call.panelView { broken.append("the panel sees something else") }
        for device in drawn.parties.map(\.device)
        where rebuilt.view(for: device) != call.view(for: device)
            || rebuilt.concerns(device) != call.concerns(device)
            || rebuilt.mayUnlock(device) != call.mayUnlock(device)
        {
            broken.append("\(device) sees something else")
        }
        return broken
    }

    private func ringsAsLong(_ rebuilt: Call) -> [String] {
        let least = Duration.milliseconds(drawn.plan.times.ringAfterRestart)
        let expected = drawn.call.ringRemaining(at: now).map { max($0, least) }
        return rebuilt.ringRemaining(at: now) == expected ? [] : ["rings for another time"]
    }

    /// With everybody back and the previews over, both do the same with whatever comes.
    private func goesOnTheSame(
        _ rebuilt: Call,
        using random: inout SeededGenerator
    ) -> [String] {
        var (one, other) = (drawn.call, rebuilt)
        for input in everybodyIsBack(one) {
            _ = one.handle(input, at: now)
            _ = other.handle(input, at: now)
        }
        for _ in 0..<5 {
            let input = drawn.input(using: &random)
            guard input != .timePassed else { continue }
            if one.handle(input, at: now) != other.handle(input, at: now) {
                return ["a rebuilt call does something else on \(input)"]
            }
        }
        return []
    }

    private func everybodyIsBack(_ call: Call) -> [CallInput] {
        let previewers: [DeviceID] =
            if case .ringing(let ringing) = call.state { ringing.previewers } else { [] }
        return previewers.map { .deviceLost($0) } + [.panelReturned]
            + [call.answeredBy].compactMap(\.self).map { .deviceReturned($0.device) }
    }
}
