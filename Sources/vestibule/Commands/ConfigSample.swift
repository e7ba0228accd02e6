// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import VestibuleServer

struct ConfigSample: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print a commented sample of the configuration, every setting with its default."
    )

    func run() {
        Console.out(ServerConfiguration.sample)
    }
}
