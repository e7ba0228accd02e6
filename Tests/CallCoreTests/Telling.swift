// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCallCore

/// Effects in words, so that a test spells out what it expects.
enum Telling {
    static func words(of effect: CallEffect) -> String {
        switch effect {
        case .record(let event): "record " + words(of: event)
        case .answer(let answer): "answer " + words(of: answer)
        case .offer(let people): "offer " + words(of: people.flatMap(\.devices))
        case .tell(let device, let view): "tell \(Cast.name(of: device)): \(words(of: view))"
        case .tellPanel(let view): "tell panel: " + words(of: view)
        case .tellPeer(let side, let present, let grace):
            "tell \(side): the other is \(present ? "back" : "gone")"
                + (grace.map { ", \($0.milliseconds) ms" } ?? "")
        case .warn(let remaining): "warn: \(remaining.milliseconds) ms"
        case .connect(let party): "connect " + Cast.name(of: party.device)
        case .preview(let party): "preview " + Cast.name(of: party.device)
        case .endPreview(let device): "end preview " + Cast.name(of: device)
        case .disconnect: "disconnect"
        case .silencePush(let devices): "silence push: " + words(of: devices)
        case .cancelPush(let devices): "cancel push: " + words(of: devices)
        case .missedPush(let devices): "missed push: " + words(of: devices)
        case .missedAfterQuietHours(let residents):
            "missed after quiet hours: "
                + residents.map { Cast.name(of: $0) }.joined(separator: " ")
        }
    }

    static func words(of event: CallEvent) -> String {
        switch event {
        case .started: "started"
        case .offered(let group): "offered \(group)"
        case .rang(let party): "rang " + Cast.name(of: party.device)
        case .previewed(let party): "previewed " + Cast.name(of: party.device)
        case .ignored(let party): "ignored " + Cast.name(of: party.device)
        case .declined(let party): "declined " + Cast.name(of: party.device)
        case .personRemoved(let resident): "removed " + Cast.name(of: resident)
        case .deviceRemoved(let device): "removed " + Cast.name(of: device)
        case .answered(let party): "answered " + Cast.name(of: party.device)
        case .lost(let side): "lost \(side)"
        case .returned(let side): "returned \(side)"
        case .ended(let outcome): "ended \(outcome)"
        }
    }

    static func words(of answer: CallAnswer) -> String {
        switch answer {
        case .accepted: "ok"
        case .refused(.unknownCall): "unknown_call"
        case .refused(.callEnded): "call_ended"
        case .refused(.alreadyAnswered(let party)):
            "already_answered by " + Cast.name(of: party.device)
        case .refused(.previewsTaken): "busy"
        case .refused(.notPermitted): "not_permitted"
        }
    }

    static func words(of view: CallView) -> String {
        [
            "\(view.phase)", "\(view.part)", view.reason.map { "\($0)" },
            view.answeredBy.map { "by " + Cast.name(of: $0.device) },
            view.outcome.map { "\($0)" },
        ].compactMap(\.self).joined(separator: " ")
    }

    static func words(of view: PanelView) -> String {
        [
            "\(view.phase)", view.answeredBy.map { "by " + Cast.name(of: $0.device) },
            view.outcome.map { "\($0)" },
        ].compactMap(\.self).joined(separator: " ")
    }

    static func words(of devices: [DeviceID]) -> String {
        devices.map { Cast.name(of: $0) }.joined(separator: " ")
    }

    /// Where the call stands after a turn, what was written, and the answer: one row of a table.
    static func outcome(of call: Call, after told: [String]) -> String {
        let state = call.outcome.map { "ended(\($0))" } ?? "\(call.phase)"
        let done = told.filter { $0.hasPrefix("record ") || $0.hasPrefix("answer ") }
            .map { String($0.dropFirst("record ".count)) }
        return ([state] + done).joined(separator: ", ")
    }
}
