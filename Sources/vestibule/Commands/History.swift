// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import VestibuleBasics
import VestibuleServer
import VestibuleStorage

struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the calls, newest first; also beside a running server."
    )

    @Option(help: "The folder of the server.")
    var data: String

    @Option(help: "At most so many calls, 1–10000.")
    var limit = 50

    @Option(
        help: ArgumentHelp(
            "Only calls older than this one: the next page begins after the last of the one before.",
            valueName: "call"
        )
    )
    var before: String?

    @Flag(help: "As a JSON array, for programs.")
    var json = false

    func validate() throws {
        guard (1...10_000).contains(limit) else {
            throw ValidationError("--limit is a number from 1 to 10000")
        }
        guard before.map({ CallID($0) != nil }) ?? true else {
            throw ValidationError("--before is the id of a call, as the history lists it")
        }
    }

    func run() async throws {
        do {
            let calls = try await HistoryReader.calls(
                in: data,
                limit: limit,
                before: before.flatMap { CallID($0) }
            )
            if json {
                Console.out(try HistoryListing.json(calls))
            } else {
                Console.out(HistoryListing.text(calls))
            }
        } catch let error as StoreError {
            throw Console.fail(ServerError.store(error, folder: data).description)
        }
    }
}
