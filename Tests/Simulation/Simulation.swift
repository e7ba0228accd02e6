// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import VestibuleBasics
import VestibuleTestKit

@main
struct Simulation: AsyncParsableCommand {
    @Option var seed: UInt64 = 1
    @Flag var trace = false

    func run() async throws {
        let world = World(seed: seed, options: WorldOptions())
        if trace { world.writeTrace = { print($0) } }
        await world.boot()
        for peer in world.peers { peer.start() }
        await world.run(for: .seconds(2))
        let panel = world.panels[0]
        panel.order(.press(world.household.rows.units[0].id))
        for device in world.devices {
            device.hears = { event in
                if case .incoming(let call) = event {
                    world.after(.seconds(1)) { device.order(.answer(call.call)) }
                    world.after(.seconds(2)) { device.order(.unlock(call.call)) }
                    world.after(.seconds(4)) { device.order(.hangUp(call.call)) }
                }
            }
        }
        panel.hears = { event in
            if case .openDoor(let command, let door, _) = event {
                world.witness.acted(panel, command: command, door: door)
                world.after(.milliseconds(100)) { panel.order(.doorDid(command, .opened, detail: nil)) }
            }
        }
        await world.run(for: .seconds(20))
        print(world.found as Any, world.steps)
        world.end()
        print(world.counters)
    }
}
