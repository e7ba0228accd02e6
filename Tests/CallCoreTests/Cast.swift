// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCallCore

/// Who plays: Anna with a phone and a tablet, everybody else with one device.
enum Cast {
    static let anna = ResidentID(high: 3, low: 1)
    static let bert = ResidentID(high: 3, low: 2)
    static let clara = ResidentID(high: 3, low: 3)
    static let porter = ResidentID(high: 3, low: 4)
    static let stranger = ResidentID(high: 3, low: 9)

    static let annasPhone = Party(resident: anna, device: DeviceID(high: 4, low: 1))
    static let annasTablet = Party(resident: anna, device: DeviceID(high: 4, low: 2))
    static let bertsPhone = Party(resident: bert, device: DeviceID(high: 4, low: 3))
    static let clarasPhone = Party(resident: clara, device: DeviceID(high: 4, low: 4))
    static let portersDesk = Party(resident: porter, device: DeviceID(high: 4, low: 5))
    static let strangersPhone = Party(resident: stranger, device: DeviceID(high: 4, low: 9))

    private static let people: [ResidentID: String] = [
        anna: "anna", bert: "bert", clara: "clara", porter: "porter", stranger: "stranger",
    ]

    private static let devices: [DeviceID: String] = [
        annasPhone.device: "anna.phone", annasTablet.device: "anna.tablet",
        bertsPhone.device: "bert.phone", clarasPhone.device: "clara.phone",
        portersDesk.device: "porter.desk", strangersPhone.device: "stranger.phone",
    ]

    /// What tests call a person.
    static func name(of resident: ResidentID) -> String { people[resident] ?? "\(resident)" }

    /// What tests call a device.
    static func name(of device: DeviceID) -> String { devices[device] ?? "\(device)" }

    /// The person with all devices, as a plan offers the call.
    static func offered(_ resident: ResidentID) -> OfferedPerson {
        switch resident {
        case anna:
            OfferedPerson(resident: anna, devices: [annasPhone.device, annasTablet.device])
        case bert: OfferedPerson(resident: bert, devices: [bertsPhone.device])
        case clara: OfferedPerson(resident: clara, devices: [clarasPhone.device])
        case porter: OfferedPerson(resident: porter, devices: [portersDesk.device])
        default: preconditionFailure("nobody of the cast")
        }
    }

    /// A plan for groups of these people, with the times of the defaults unless changed.
    static func plan(
        _ groups: [[ResidentID]],
        skipped: [SkippedPerson] = [],
        policy: DeclinePolicy = .first,
        ring: Duration? = nil,
        limits: CallLimits = CallLimits()
    ) -> CallPlan {
        CallPlan(
            call: CallID(high: 1, low: 1),
            property: PropertyID(high: 1, low: 2),
            unit: UnitID(high: 1, low: 3),
            panel: PanelID(high: 1, low: 4),
            handle: 7,
            groups: groups.map { $0.map(offered) },
            skipped: skipped,
            policy: policy,
            times: CallTimes(limits: limits, ring: ring)
        )
    }
}
