// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

/// Opening is the door desk's; the call says only who may, and goes on.
@Suite struct UnlockingTests: AtTheDoor {
    let house = Household([[Cast.anna, Cast.bert], [Cast.porter]], policy: .all)

    @Test func `a resident unlocks while it rings: any device being offered it may`() {
        panel.presses()
        #expect(anna.mayUnlock && annasTablet.mayUnlock && bert.mayUnlock)
        #expect(!porter.mayUnlock)
        #expect(!stranger.mayUnlock)
        at(.seconds(15))
        #expect(porter.mayUnlock)
        #expect(house.call.phase == .ringing)
    }

    @Test func `who ignored it may still open, who declined may not`() {
        panel.presses()
        anna.ignores()
        bert.declines()
        #expect(anna.mayUnlock && annasTablet.mayUnlock)
        #expect(!bert.mayUnlock)
    }

    @Test func `a decline is final: ignoring on another device opens nothing`() {
        panel.presses()
        anna.declines()
        annasTablet.ignores()
        #expect(!anna.mayUnlock && !annasTablet.mayUnlock)
    }

    @Test func `the answering device unlocks while they talk, and nobody else`() {
        panel.presses()
        anna.answers()
        #expect(anna.mayUnlock)
        #expect(!annasTablet.mayUnlock && !bert.mayUnlock && !porter.mayUnlock)
        #expect(house.call.phase == .active)
    }

    @Test func `who was removed may not`() {
        panel.presses()
        house.disables(Cast.bert)
        anna.isRevoked()
        #expect(!bert.mayUnlock && !anna.mayUnlock)
        #expect(annasTablet.mayUnlock)
    }

    @Test func `nobody may after the end`() {
        panel.presses()
        anna.answers()
        anna.hangsUp()
        #expect(!anna.mayUnlock && !bert.mayUnlock)
    }
}
