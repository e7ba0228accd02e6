// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleClient
import VestibuleWire

extension Household {
    func told(_ report: PanelEvent) {
        switch report {
        case .connection(let status): note(status, of: -1)
        case .screen(.active(let call, let device?, _)):
            change { $0.panelTold(answeredBy: device.device, call) }
        case .screen(.ended(_, let ending)): ended(ending)
        case .media(let right): guest.allowed(right)
        case .openDoor(let command, _, _):
            doorOpens()
            panel.order(.doorDid(command, .opened, detail: nil))
        case .keyFrameWanted:
            measures.keyFrameRequests += 1
            guest.keyFrameWanted()
        case .rate: measures.rateHints += 1
        case .screen, .peer, .ending, .peerMedia, .directory, .panel, .passOpened, .passRefused,
            .answered, .tokenExpiring, .tokenRenewed, .tokenNotRenewed, .log:
            break
        }
    }

    private func ended(_ ending: PanelEnding) {
        switch ending {
        // Of our own hanging up; the outcome follows.
        case .here: break
        case .outcome(let outcome):
            knows(-1, outcome)
            change { $0.panelTold(outcome) }
        case .failed(let failure): change { $0.panelFailed("press: \(Pair.words(failure))") }
        case .connectionLost:
            change { $0.panelFailed("the panel's connection was gone too long") }
        }
    }

    func told(_ report: ResidentEvent, _ number: Int) {
        switch report {
        case .connection(let status): note(status, of: number)
        case .incoming(let call): rang(number, call.call)
        case .changed(let call): changed(call, number)
        case .media(let right): if number == 0 { host.allowed(right) }
        case .keyFrameWanted:
            measures.keyFrameRequests += 1
            if number == 0 { host.keyFrameWanted() }
        case .rate: measures.rateHints += 1
        case .answered(Tag.answer, let result):
            change { $0.answered(number, result.mapError(Self.word)) }
        case .answered(Tag.unlock, let result): doorSaid(result)
        case .peer, .ending, .peerMedia, .doorOpened, .doorsChanged, .passUsed, .answered,
            .tokenExpiring, .tokenRenewed, .tokenNotRenewed, .log:
            break
        }
    }

    private func changed(_ call: ResidentCall, _ number: Int) {
        guard call.state == .ended else { return }
        guard visit?.call == call.call else { return toldLate(number, call.call, call.outcome) }
        knows(number, call.outcome)
        change { $0.deviceTold(number, call.outcome) }
    }

    private func doorSaid(_ result: Result<Answer, RequestFailure>) {
        switch result {
        case .success(let answer) where answer.outcome == .opened: doorOpened()
        case .success(let answer):
            measures.fault(.unlockFailed, answer.outcome?.rawValue ?? "no outcome")
        case .failure(let failure): measures.fault(.unlockFailed, Pair.words(failure))
        }
    }

    private static func word(_ failure: RequestFailure) -> RequestWord {
        let race: Set<ErrorCode> = [.alreadyAnswered, .callEnded]
        let isOfRace =
            if case .refused(let refusal) = failure { race.contains(refusal.code) } else { false }
        return RequestWord(text: Pair.words(failure), isOfRace: isOfRace)
    }
}
