// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleNotifier
import VestibuleTestKit
import VestibuleWire

/// What providers are asked when a ring is over.
@Suite struct PushTests {
    /// The devices that a provider was asked to tell, try by try.
    private final class Tries: Checker {
        private(set) var rings: [DeviceID] = []
        private(set) var cancels: [DeviceID] = []

        func tried(_ attempt: PushQueue.Attempt, in world: World) {
            switch attempt.notice.kind {
            case .ring: rings.append(attempt.registration.device)
            case .cancel: cancels.append(attempt.registration.device)
            default: break
            }
        }
    }

    /// A flat whose provider asks for another try three seconds later, always.
    private func busy() async -> (Porch, Tries) {
        let (porch, tries) = (Porch(), Tries())
        porch.world.witness.checkers.append(tries)
        porch.world.pushAnswer = { _ in
            PushAnswer(.retry(after: .seconds(3), reason: "503"))
        }
        await porch.open()
        return (porch, tries)
    }

    @Test func `once somebody answered, no ring is tried again, not even the winner's`() async {
        let (porch, tries) = await busy()
        await porch.press()
        #expect(tries.rings.count == 4)
        _ = await porch.answers(porch.anna)
        await porch.pass(.seconds(20))
        #expect(tries.rings.count == 4)
        let asleep = Set(porch.world.devices.map(\.id)).subtracting([
            porch.world.devices[0].id, porch.world.devices[2].id,
        ])
        #expect(Set(tries.cancels) == asleep)
    }

    @Test func `who ignores is not rung again, connected or not; the others are`() async {
        let (porch, tries) = await busy()
        await porch.press()
        porch.anna.say(.callIgnore(porch.call))
        await porch.pass(.seconds(12))
        let devices = porch.world.devices.map(\.id)
        let counts = devices.map { device in tries.rings.count { $0 == device } }
        #expect(counts == [1, 1, 3, 3])
    }
}
