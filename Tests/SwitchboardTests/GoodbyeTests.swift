// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleTestKit
import VestibuleWire

/// What the last words of a server are, and who hears them.
@Suite struct GoodbyeTests {
    @Test func `who takes nothing at the moment hears of the restart before the close`() async {
        let porch = Porch(boards: 1)
        await porch.open()
        let slow = [porch.door, porch.anna, porch.bert].filter { $0.link?.isInBytes == true }
        #expect(!slow.isEmpty, "nobody's messages are bytes")
        for peer in slow {
            if let link = peer.link { porch.world.damage(link, .congestion, for: .seconds(10)) }
        }
        porch.world.restartGracefully(downtime: .seconds(1))
        await porch.pass(.seconds(3))
        for peer in slow {
            let isTold = peer.events.contains { event in
                if case .serverRestarting = event { true } else { false }
            }
            #expect(isTold && peer.closeCode() == 1012, "\(peer.name)")
        }
    }
}
