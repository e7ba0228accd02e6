// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import VestibuleStorage

struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the calls, newest first; also beside a running server."
    )

    @Option(help: "The folder that holds everything.")
    var data: String

    @Option(help: "At most so many calls.")
    var limit = 50

    @Flag(help: "As a JSON array.")
    var json = false

    func validate() throws {
        guard (1...10_000).contains(limit) else {
            throw ValidationError("--limit is a number from 1 to 10000")
        }
        guard FileManager.default.fileExists(atPath: data + "/vestibule.db") else {
            throw ValidationError("\(data) holds no store")
        }
    }

    func run() async throws {
        do {
            let calls = try await HistoryReader.calls(in: data, limit: limit)
            if json {
                Console.out(try HistoryListing.json(calls))
            } else {
                Console.out(HistoryListing.text(calls))
            }
        } catch let error as StoreError {
            throw Console.fail(StoreWords.describe(error, folder: data))
        }
    }
}
