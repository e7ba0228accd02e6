// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics

@Suite struct EligibilityTests {
    private func eligibility(
        at time: String = "2027-01-15T12:00:00Z",
        _ change: (inout House) -> Void = { _ in }
    ) throws -> Eligibility {
        var house = House()
        change(&house)
        let instant = try #require(Timestamp(rfc3339: time))
        return house.snapshot.eligibility(of: house.anna, at: instant)
    }

    @Test func `a current, enabled person is offered a call on every device`() throws {
        let house = House()
        #expect(try eligibility() == .eligible(devices: [house.phone, house.tablet]))
    }

    @Test(arguments: [ResidentStatus.future, .past])
    func `who does not live there now is not current`(_ status: ResidentStatus) throws {
        #expect(try eligibility { $0.change($0.anna) { $0.status = status } } == .notCurrent)
    }

    @Test func `nobody known is not current`() {
        let house = House()
        #expect(house.snapshot.eligibility(of: .nothing, at: house.time) == .notCurrent)
    }

    @Test func `a disabled person is not offered a call`() throws {
        #expect(try eligibility { $0.change($0.anna) { $0.isEnabled = false } } == .disabled)
    }

    @Test func `a person whose devices are all revoked has none`() throws {
        let found = try eligibility { house in
            for index in house.rows.devices.indices { house.rows.devices[index].isRevoked = true }
        }
        #expect(found == .noDevice)
    }

    @Test func `a revoked device is left out`() throws {
        let house = House()
        let found = try eligibility { $0.rows.devices[0].isRevoked = true }
        #expect(found == .eligible(devices: [house.phone]))
    }

    @Test(arguments: [
        ("2027-01-15T20:59:00Z", false), ("2027-01-15T21:00:00Z", true),
        ("2027-01-16T05:00:00Z", true), ("2027-01-16T05:01:00Z", false),
        ("2027-07-15T19:59:00Z", false), ("2027-07-15T20:00:00Z", true),
    ])
    func `quiet hours are those of the property's wall, winter and summer`(
        _ time: String,
        _ isQuiet: Bool
    ) throws {
        let found = try eligibility(at: time) {
            $0.change($0.anna) {
                $0.quietHours = [
                    QuietHours(days: [], from: 0, to: 1_439),
                    QuietHours(days: Array(1...7), from: 22 * 60, to: 6 * 60),
                ]
            }
        }
        #expect((found == .quietHours) == isQuiet)
    }

    @Test func `a zone that nobody knows silences nobody`() throws {
        let found = try eligibility {
            $0.rows.properties[0].timeZone = "Moon/Tranquility"
            $0.change($0.anna) {
                $0.quietHours = [QuietHours(days: Array(1...7), from: 0, to: 1_439)]
            }
        }
        #expect(found != .quietHours)
    }
}
