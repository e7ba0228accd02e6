// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleWire

/// One short call as its panel and each device were told it: what must agree in the end.
///
/// Devices are numbered within their unit.
package struct Visit {
    /// Counts the visits of a run.
    package let number: Int

    /// As the first who heard of it says.
    package private(set) var call: CallID?

    /// As the panel was told; nil before.
    package private(set) var ending: Outcome?

    /// Who answered, as the panel was told.
    package private(set) var answeredBy: DeviceID?

    private let devices: [DeviceID]
    private var ringers: Set<Int> = []
    private var asked: Set<Int> = []
    private var won: Set<Int> = []
    private var lost: Set<Int> = []
    private var told: [Int: Outcome?] = [:]
    private var hasPanelEnded = false
    private var hasGuestGone = false
    private var troubles: [(fault: Fault, words: String)] = []

    /// A visit to a unit with these devices.
    package init(_ number: Int, devices: [DeviceID]) {
        self.number = number
        self.devices = devices
    }

    // MARK: What is told

    package mutating func rang(_ device: Int, _ call: CallID) {
        same(call)
        if !ringers.insert(device).inserted {
            troubles.append((.wrongOutcome, "device \(device) was rung twice"))
        }
    }

    /// Whether this device rings, and nothing ended that.
    package func isRinging(_ device: Int) -> Bool {
        ringers.contains(device) && told[device] == nil && !asked.contains(device)
    }

    /// The device's person answers; the result follows.
    package mutating func answers(_ device: Int) { asked.insert(device) }

    package mutating func answered(_ device: Int, _ result: Result<Answer, RequestWord>) {
        switch result {
        case .success: won.insert(device)
        case .failure(let word):
            lost.insert(device)
            // Somebody was faster, which is what a race is about.
            if word.isOfRace { return }
            troubles.append((.failedCall, "answer: \(word.text)"))
        }
    }

    package mutating func panelTold(answeredBy device: DeviceID, _ call: CallID) {
        same(call)
        answeredBy = device
    }

    /// The guest goes before anybody answered: the panel listens no more to who does.
    package mutating func guestGoes() { hasGuestGone = true }

    package mutating func panelTold(_ outcome: Outcome?) {
        if hasPanelEnded, ending != outcome {
            troubles.append(
                (.wrongOutcome, "the panel was told of another end, \(Self.word(outcome))")
            )
        }
        hasPanelEnded = true
        ending = outcome
    }

    /// The call never began, or the panel lost it.
    package mutating func panelFailed(_ words: String) {
        hasPanelEnded = true
        troubles.append((.failedCall, words))
    }

    /// A device may be told the same end again, as when its answer came too late, and of one that
    /// it made itself before its outcome is known.
    package mutating func deviceTold(_ device: Int, _ outcome: Outcome?) {
        if case .some(.some(let known)) = told[device], known != outcome {
            let words = "device \(device) was told \(known.rawValue), then \(Self.word(outcome))"
            troubles.append((.wrongOutcome, words))
        }
        told[device] = .some(outcome)
    }

    private static func word(_ outcome: Outcome?) -> String { outcome?.rawValue ?? "nothing" }

    /// The same once it is over, and was judged: what must not have happened of it, if anything.
    package mutating func deviceToldLate(
        _ device: Int,
        _ outcome: Outcome?
    ) -> (fault: Fault, words: String)? {
        let before = troubles.count
        deviceTold(device, outcome)
        if troubles.count > before { return troubles.last }
        guard outcome != ending else { return nil }
        let words = "device \(device) was told \(Self.word(outcome)) after the end"
        return (.wrongOutcome, words)
    }

    private mutating func same(_ call: CallID) {
        if let known = self.call, known != call {
            troubles.append((.wrongOutcome, "\(known.text) is \(call.text) to somebody"))
        }
        self.call = self.call ?? call
    }

    // MARK: In the end

    /// Everybody who rang knows that it is over, and every answer has its result.
    package var isOver: Bool {
        hasPanelEnded && ringers.allSatisfy { told[$0] != nil }
            && asked.allSatisfy { won.contains($0) || lost.contains($0) }
    }

    /// The device that answered.
    package var winner: DeviceID? { won.count == 1 ? won.first.map { devices[$0] } : nil }

    /// What must not have happened; to be asked when it is over.
    package func faults(allowed outcomes: Set<Outcome>) -> [(fault: Fault, words: String)] {
        if !troubles.isEmpty { return troubles }
        guard let ending, outcomes.contains(ending) else {
            return [(.wrongOutcome, ending?.rawValue ?? "none was told")]
        }
        return contradictions(ending) + winners(ending)
    }

    private func contradictions(_ ending: Outcome) -> [(fault: Fault, words: String)] {
        var found = told.sorted { $0.key < $1.key }.filter { $0.value != ending }.map {
            let word = $0.value?.rawValue ?? "nothing"
            return (
                fault: Fault.wrongOutcome,
                words: "device \($0.key) was told \(word), the panel \(ending.rawValue)"
            )
        }
        // Who was cancelled at once may not have heard of it.
        if ending != .cancelled, ringers.count < devices.count {
            found.append((.failedCall, "\(ringers.count) of \(devices.count) devices rang"))
        }
        return found
    }

    private func winners(_ ending: Outcome) -> [(fault: Fault, words: String)] {
        let expected = ending == .completed ? 1 : 0
        guard won.count == expected else {
            return [
                (.wrongWinner, "\(won.count) devices answered a call that was \(ending.rawValue)")
            ]
        }
        guard let winner, answeredBy != winner else { return [] }
        if answeredBy == nil, hasGuestGone { return [] }
        let who = answeredBy == nil ? "nobody" : "another"
        return [(.wrongWinner, "\(winner.text) answered, the panel was told of \(who)")]
    }
}

/// Why a request has no good answer, as far as a race tells it apart.
package struct RequestWord: Error {
    package let text: String

    /// Another answered first, or the call was over.
    package let isOfRace: Bool

    package init(text: String, isOfRace: Bool) {
        self.text = text
        self.isOfRace = isOfRace
    }
}
