// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCallCore

/// What holds after every turn of every call, each as a sentence where it does not.
struct Invariants {
    let turn: Turn
    let devices: [DeviceID]

    private var before: Call? { turn.before }
    private var after: Call { turn.after }

    func broken() -> [String] {
        [
            answersOnce, isDeafAfterTheEnd, tellsAfterTheRecord, tellsTheTruth,
            seesOneTalkingAtMost, ringsSomewhere, knowsItsDeadline, keepsThePreviews,
        ].flatMap { $0() }
    }

    private func answersOnce() -> [String] {
        let answers = turn.effects.filter { if case .answer = $0 { true } else { false } }
        let expected: Int
        switch turn.input {
        case nil, .panelHungUp, .rang, .answered, .declined, .ignored, .previewed, .hungUp:
            expected = 1
        case .panelLost, .panelReturned, .panelForgot, .panelRevoked, .deviceLost,
            .deviceReturned, .personRemoved, .deviceRemoved, .restarted, .timePassed:
            expected = 0
        }
        return answers.count == expected ? [] : ["\(answers.count) answers to one input"]
    }

    private func isDeafAfterTheEnd() -> [String] {
        guard before?.phase == .ended else { return [] }
        let onlyRefuses = turn.effects.allSatisfy {
            $0 == .answer(.refused(.callEnded)) || $0 == .answer(.refused(.unknownCall))
        }
        return onlyRefuses && before == after ? [] : ["an ended call heard something"]
    }

    private func tellsAfterTheRecord() -> [String] {
        var written: [CallEvent] = []
        var broken: [String] = []
        for effect in turn.effects {
            if case .record(let event) = effect { written.append(event) }
            if !Records.precede(effect, written, turn) {
                broken.append("told before its record: \(effect)")
            }
        }
        return broken
    }

    private func tellsTheTruth() -> [String] {
        var told: [DeviceID: CallView] = [:]
        var toldPanel = before?.panelView
        var offered: Set<DeviceID> = []
        for effect in turn.effects {
            switch effect {
            case .tell(let device, let view): told[device] = view
            case .tellPanel(let view): toldPanel = view
            case .offer(let people): offered.formUnion(people.flatMap(\.devices))
            default: break
            }
        }
        var broken = toldPanel == after.panelView ? [] : ["the panel believes \(toldPanel as Any)"]
        let takesPart = Set(after.offered.flatMap(\.devices))
        for device in devices {
            guard let view = after.view(for: device) else { continue }
            if let last = told[device],
                takesPart.contains(device) ? last != view : last.part != .out
            {
                broken.append("\(device) was told \(last), which is not so")
            }
            if takesPart.contains(device), view != before?.view(for: device),
                told[device] == nil, !offered.contains(device)
            {
                broken.append("\(device) was not told of its part")
            }
        }
        return broken
    }

    private func seesOneTalkingAtMost() -> [String] {
        let talking = devices.filter { after.view(for: $0)?.part == .talking }
        let mayUnlock = devices.filter { after.mayUnlock($0) }
        let expected = after.phase == .active ? after.answeredBy.map { [$0.device] } : []
        var broken = talking == expected ? [] : ["talking: \(talking)"]
        if after.phase != .ringing, mayUnlock != expected { broken.append("opens: \(mayUnlock)") }
        for device in devices where (after.view(for: device) != nil) != after.concerns(device) {
            broken.append("\(device) sees what does not concern it, or the other way round")
        }
        if let winner = before?.answeredBy, winner != after.answeredBy {
            broken.append("a second winner")
        }
        return broken
    }

    private func ringsSomewhere() -> [String] {
        guard after.phase == .ringing else { return [] }
        return devices.contains { after.view(for: $0)?.part == .ringing }
            ? [] : ["it rings, but nowhere"]
    }

    private func knowsItsDeadline() -> [String] {
        guard let deadline = after.nextDeadline else {
            return after.phase == .ended ? [] : ["a live call without a deadline"]
        }
        if after.phase == .ended { return ["an ended call with a deadline"] }
        return turn.input == .timePassed && deadline <= turn.now.moment
            ? ["a deadline that has passed already"] : []
    }

    private func keepsThePreviews() -> [String] {
        guard case .ringing(let ringing) = after.state else { return [] }
        let takesPart = Set(after.offered.flatMap(\.devices))
        return Set(ringing.previewers).count == ringing.previewers.count
            && takesPart.isSuperset(of: ringing.previewers)
            ? [] : ["previews: \(ringing.previewers)"]
    }
}
