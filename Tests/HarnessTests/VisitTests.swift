// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleHarness
import VestibuleWire

@Suite struct VisitTests {
    private let call = CallID(high: 1, low: 1)
    private let devices = [DeviceID(high: 2, low: 1), DeviceID(high: 2, low: 2)]
    private let late = RequestWord(text: "already_answered", isOfRace: true)
    private var visit: Visit

    init() {
        visit = Visit(7, devices: [DeviceID(high: 2, low: 1), DeviceID(high: 2, low: 2)])
    }

    private func faults(_ outcomes: Set<Outcome> = [.completed]) -> [Fault] {
        visit.faults(allowed: outcomes).map { $0.fault }
    }

    private mutating func ringBoth() {
        visit.rang(0, call)
        visit.rang(1, call)
    }

    private mutating func end(_ outcome: Outcome) {
        visit.panelTold(outcome)
        visit.deviceTold(0, outcome)
        visit.deviceTold(1, outcome)
    }

    /// Both answer; so many of them are told that they won.
    private mutating func race(winners: Int) {
        ringBoth()
        for device in 0...1 {
            visit.answers(device)
            visit.answered(device, device < winners ? .success(.done) : .failure(late))
        }
    }

    @Test mutating func `one winner, one end, and all agree`() {
        race(winners: 1)
        visit.panelTold(answeredBy: devices[0], call)
        #expect(!visit.isOver)
        end(.completed)
        #expect(visit.isOver)
        #expect(faults() == [])
        #expect(visit.winner == devices[0])
    }

    @Test(arguments: [0, 2])
    mutating func `a call that two answered, or nobody, is a fault`(_ winners: Int) {
        race(winners: winners)
        end(.completed)
        #expect(faults() == [.wrongWinner])
    }

    @Test mutating func `a call that was cancelled and answered is a fault`() {
        race(winners: 1)
        end(.cancelled)
        #expect(faults([.cancelled, .completed]) == [.wrongWinner])
    }

    @Test mutating func `the panel must be told of the one who won`() {
        race(winners: 1)
        visit.panelTold(answeredBy: devices[1], call)
        end(.completed)
        #expect(faults() == [.wrongWinner])
    }

    @Test mutating func `it is not over before each device that rang knows`() {
        ringBoth()
        visit.panelTold(.declined)
        visit.deviceTold(0, .declined)
        #expect(!visit.isOver)
        visit.deviceTold(1, .missed)
        #expect(visit.isOver)
        #expect(faults([.declined]) == [.wrongOutcome])
    }

    @Test mutating func `it is not over before each answer has its result`() {
        ringBoth()
        visit.answers(1)
        end(.cancelled)
        #expect(!visit.isOver)
        visit.answered(1, .failure(late))
        #expect(visit.isOver)
        #expect(faults([.cancelled]) == [])
    }

    @Test mutating func `another end than the plot has is a fault`() {
        ringBoth()
        end(.missed)
        #expect(faults([.declined]) == [.wrongOutcome])
    }

    @Test mutating func `a device that never rang is a fault, unless the guest gave up`() {
        visit.rang(0, call)
        visit.panelTold(.missed)
        visit.deviceTold(0, .missed)
        #expect(visit.isOver)
        #expect(faults([.missed]) == [.failedCall])
        var early = Visit(8, devices: devices)
        early.rang(0, call)
        early.panelTold(.cancelled)
        early.deviceTold(0, .cancelled)
        #expect(early.faults(allowed: [.cancelled]).map { $0.fault } == [])
    }

    @Test mutating func `another end after the first is a fault, and the same told again is none`()
    {
        ringBoth()
        end(.missed)
        visit.deviceTold(1, .missed)
        #expect(faults([.missed]) == [])
        visit.deviceTold(1, .declined)
        #expect(faults([.missed]) == [.wrongOutcome])
        var panel = Visit(8, devices: devices)
        panel.panelTold(.cancelled)
        panel.panelTold(.cancelled)
        #expect(panel.faults(allowed: [.cancelled]).map { $0.fault } == [])
        panel.panelTold(.missed)
        #expect(panel.faults(allowed: [.cancelled, .missed]).map { $0.fault } == [.wrongOutcome])
    }

    @Test mutating func `an end of its own may have its outcome later`() {
        ringBoth()
        visit.deviceTold(0, nil)
        end(.declined)
        #expect(faults([.declined]) == [])
    }

    @Test mutating func `an end that is told after all was over is looked at too`() {
        visit.rang(0, call)
        visit.panelTold(.cancelled)
        visit.deviceTold(0, .cancelled)
        #expect(visit.isOver)
        #expect(visit.deviceToldLate(0, .cancelled) == nil)
        #expect(visit.deviceToldLate(0, .completed)?.fault == .wrongOutcome)
        #expect(visit.deviceToldLate(1, .missed)?.fault == .wrongOutcome)
        var other = Visit(8, devices: devices)
        other.panelTold(.cancelled)
        #expect(other.deviceToldLate(1, .cancelled) == nil)
    }

    @Test mutating func `a call that was completed has an answerer that the panel was told of`() {
        race(winners: 1)
        end(.completed)
        #expect(faults() == [.wrongWinner])
        // But a guest who went does not see who answers.
        visit.guestGoes()
        #expect(faults() == [])
    }

    @Test mutating func `a device that is rung twice, and a press that is refused, are faults`() {
        visit.rang(0, call)
        visit.rang(0, call)
        end(.missed)
        #expect(faults([.missed]) == [.wrongOutcome])
        var refused = Visit(8, devices: devices)
        refused.panelFailed("press: busy_server")
        #expect(refused.isOver)
        #expect(refused.faults(allowed: [.missed]).map { $0.fault } == [.failedCall])
    }

    @Test mutating func `an answer refused for another reason than a race is a fault`() {
        ringBoth()
        visit.answers(0)
        visit.answered(0, .failure(RequestWord(text: "not_permitted", isOfRace: false)))
        end(.missed)
        #expect(faults([.missed]) == [.failedCall])
    }

    // MARK: History

    @Test mutating func `a history that tells the same is believed`() {
        race(winners: 1)
        visit.panelTold(answeredBy: devices[0], call)
        end(.completed)
        let past = PastVisits()
        past.made = 1
        past.add(visit)
        let right = PastCall(id: call.text, outcome: "completed", answeredBy: devices[0].text)
        let other = PastCall(id: call.text, outcome: "completed", answeredBy: devices[1].text)
        let ended = PastCall(id: call.text, outcome: "missed", answeredBy: devices[0].text)
        #expect(past.contradictions(with: [right]) == [])
        #expect(past.contradictions(with: [other]).count == 1)
        #expect(past.contradictions(with: [ended]).count == 1)
        #expect(past.contradictions(with: [right, right]).count == 1)
        let none = ["0 calls, 1 were made", "\(call.text), completed, is not in the history"]
        #expect(past.contradictions(with: []) == none)
        let stranger = PastCall(id: "somebody's", outcome: "completed")
        #expect(past.contradictions(with: [stranger]) == [none[1]])
    }
}
