// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import VestibuleBasics

/// The one binary.
@main
struct Vestibule: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vestibule",
        abstract: "The server between a building's door panels and its residents' phones.",
        discussion: """
            Try it: `vestibule demo` shows a call from button to door.
            Run it: `vestibule seed --data DIR`, then `vestibule serve --data DIR`.

            Exit status: 0 done, 1 not possible (one line on stderr says why), 64 wrong usage.
            """,
        version: vestibuleVersion,
        subcommands: [
            Serve.self, Demo.self, SeedBuilding.self, PanelCommand.self, ResidentCommand.self,
            History.self, TokenCommand.self, Certs.self, ConfigSample.self, Doctor.self,
            FaultProxyCommand.self,
        ]
    )

    static func main() async {
        Console.ignoreBrokenPipes()
        await main(nil)
        do { try Console.requireResults() } catch { exit(withError: error) }
    }
}
