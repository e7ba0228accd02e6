// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import VestibuleServer

struct ConfigSample: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print every setting with its default, as a commented file.",
        discussion:
            "`vestibule config > DATA/vestibule.yaml` is a start: everything in it is a comment."
    )

    func run() {
        Console.out(ServerConfiguration.sample)
    }
}
