// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import VestibuleServer

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check what a server needs: each line is ok, or says what to do.",
        discussion: """
            Exit status 1 if anything is to be done. Also beside a running server; changes nothing. \
            Takes the flags of `serve`, so that it looks at what that would use.
            """
    )

    @OptionGroup var settings: ServerFlags

    func run() async throws {
        let configuration = try await settings.load()
        var healthy = true
        for check in await Checkup(configuration).all() {
            switch check.result {
            case .ok(let fact): Console.out("ok    \(check.name): \(fact)")
            case .trouble(let fact, let advice):
                healthy = false
                Console.out("DO    \(check.name): \(fact). \(advice)")
            }
        }
        if !healthy { throw ExitCode(1) }
    }
}
