// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Sound as fast as it goes: each party has so many frames under way, and sends the next one when
/// one of them arrived.
///
/// A closed loop: the server is always busy, latency says how long its queue is, and the generator
/// may be busy too. No pictures, and no reports.
final class Flood {
    /// Frames of one sender that are under way.
    let window: Int

    private var parties: [Party] = []
    private var isOpen = false

    init(window: Int) { self.window = window }

    /// The party may send: it does when the flood is opened.
    func join(_ party: Party) {
        if isOpen { return fill(party) }
        parties.append(party)
    }

    /// From now on.
    func open() {
        isOpen = true
        for party in parties { fill(party) }
        parties = []
    }

    private func fill(_ party: Party) {
        let now = EpollLoop.clock()
        for _ in 0..<window { party.sendNext(at: now) }
    }
}
