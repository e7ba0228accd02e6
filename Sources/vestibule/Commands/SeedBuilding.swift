// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCrypto
import VestibuleEventLoop
import VestibuleServer
import VestibuleStorage

struct SeedBuilding: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed",
        abstract: "Make a building to try the server with, and print its ids and tokens.",
        discussion: """
            Every resident is assigned every door, every door opens from a call. Refuses a folder \
            that is served or not empty. The tokens are printed here and nowhere else.
            """
    )

    @Option(help: "The folder of the server (made if missing).")
    var data: String

    @Option(help: "Units: flats, offices.")
    var units = 4

    @Option(help: "Residents of each unit.")
    var residents = 2

    @Option(help: "Devices of each resident.")
    var devices = 2

    @Option(help: "Door panels.")
    var panels = 2

    @Option(help: "Doors of each panel.")
    var doors = 2

    @Flag(help: "Print it as one line of JSON, for programs.")
    var json = false

    func validate() throws {
        for (name, number) in [
            ("units", units), ("residents", residents), ("devices", devices),
            ("panels", panels), ("doors", doors),
        ] where !(0...100_000).contains(number) {
            throw ValidationError("--\(name) is a number from 0 to 100000")
        }
    }

    func run() async throws {
        let shape = BuildingShape(
            units: units,
            residentsPerUnit: residents,
            devicesPerResident: devices,
            panels: panels,
            doorsPerPanel: doors
        )
        let building: Building
        do { building = try await Seeding.seed(data, shape) } catch {
            throw Console.fail(ServerError.store(error, folder: data).description)
        }
        let listing = BuildingListing(building)
        if json { Console.out(try listing.json()) } else { Console.out(listing.text) }
    }
}
