// SPDX-License-Identifier: Apache-2.0

/// What `vestibule seed --json` prints.
struct Building: Decodable {
    struct Named: Decodable {
        let id: String
        let name: String
    }

    struct Panel: Decodable {
        let id: String
        let name: String
        let token: String
        let doors: [Named]
    }

    struct Device: Decodable {
        let id: String
        let token: String
    }

    struct Resident: Decodable {
        let id: String
        let name: String
        let devices: [Device]
    }

    struct Unit: Decodable {
        let id: String
        let label: String
        let residents: [Resident]
    }

    let panels: [Panel]
    let units: [Unit]
}

/// What a scenario needs a building to have.
struct BuildingNeeds {
    let units: Int
    var residents = 1
    var devices = 1
    let panels: Int
    var doors = 1
}
