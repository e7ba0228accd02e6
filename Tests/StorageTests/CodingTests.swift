// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage

/// What is stored is read for years: these texts never change, new ones are added.
@Suite struct CodingTests {
    private static let anna = Party(
        resident: ResidentID(high: 0x0190_0000_0000_7001, low: 0x8000_0000_0000_0001),
        device: DeviceID(high: 0x0190_0000_0000_7002, low: 0x8000_0000_0000_0002)
    )
    private static let who = """
        {"_0":{"device":"dev_01j0000000e018000000000002",\
        "resident":"res_01j0000000e00r000000000001"}}
        """
    private static let plan = CallPlan(
        call: CallID(high: 0x0190_0000_0000_7003, low: 0x8000_0000_0000_0003),
        property: PropertyID(high: 0x0190_0000_0000_7004, low: 0x8000_0000_0000_0004),
        unit: UnitID(high: 0x0190_0000_0000_7005, low: 0x8000_0000_0000_0005),
        panel: PanelID(high: 0x0190_0000_0000_7006, low: 0x8000_0000_0000_0006),
        handle: 9,
        groups: [[OfferedPerson(resident: anna.resident, devices: [anna.device])]],
        skipped: [SkippedPerson(resident: anna.resident, reason: .quietHours)],
        policy: .all,
        times: CallTimes(limits: CallLimits(), ring: nil)
    )

    static let golden: [(CallEvent, String)] = [
        (
            .started(plan),
            """
            {"started":{"_0":{"call":"call_01j0000000e01r000000000003",\
            "groups":[[{"devices":["dev_01j0000000e018000000000002"],\
            "resident":"res_01j0000000e00r000000000001"}]],"handle":9,\
            "panel":"pan_01j0000000e038000000000006","policy":"all",\
            "property":"prop_01j0000000e028000000000004",\
            "skipped":[{"reason":"quietHours","resident":"res_01j0000000e00r000000000001"}],\
            "times":{"duration":600000,"grace":15000,"group":15000,"ring":30000,\
            "ringAfterRestart":10000,"warning":15000},\
            "unit":"unit_01j0000000e02r000000000005"}}}
            """
        ),
        (.offered(group: 2), #"{"offered":{"group":2}}"#),
        (.rang(anna), #"{"rang":\#(who)}"#),
        (.previewed(anna), #"{"previewed":\#(who)}"#),
        (.ignored(anna), #"{"ignored":\#(who)}"#),
        (.declined(anna), #"{"declined":\#(who)}"#),
        (
            .personRemoved(anna.resident),
            #"{"personRemoved":{"_0":"res_01j0000000e00r000000000001"}}"#
        ),
        (
            .deviceRemoved(anna.device),
            #"{"deviceRemoved":{"_0":"dev_01j0000000e018000000000002"}}"#
        ),
        (.answered(anna), #"{"answered":\#(who)}"#),
        (.lost(.panel), #"{"lost":{"_0":"panel"}}"#),
        (.lost(.resident), #"{"lost":{"_0":"resident"}}"#),
        (.returned(.panel), #"{"returned":{"_0":"panel"}}"#),
        (.ended(.completed), #"{"ended":{"_0":"completed"}}"#),
        (.ended(.declined), #"{"ended":{"_0":"declined"}}"#),
        (.ended(.missed), #"{"ended":{"_0":"missed"}}"#),
        (.ended(.cancelled), #"{"ended":{"_0":"cancelled"}}"#),
        (.ended(.dropped), #"{"ended":{"_0":"dropped"}}"#),
        (.ended(.limit), #"{"ended":{"_0":"limit"}}"#),
        (.ended(.revoked), #"{"ended":{"_0":"revoked"}}"#),
        (.ended(.panelLost), #"{"ended":{"_0":"panelLost"}}"#),
        (.ended(.unreachable), #"{"ended":{"_0":"unreachable"}}"#),
    ]

    @Test(arguments: golden)
    func `a call event has one text, and is read from it`(
        _ event: CallEvent,
        _ text: String
    ) throws {
        #expect(try CallEventCoding.text(of: event) == text)
        #expect(try CallEventCoding.event(from: text, format: 1) == event)
    }

    @Test func `an event of a newer format is newer, whatever it holds`() {
        for text in ["", "{}", #"{"transferred":{"_0":"x"}}"#, "\0"] {
            #expect(throws: StoreError.newer(found: 2, known: 1)) {
                try CallEventCoding.event(from: text, format: 2)
            }
        }
    }

    @Test(arguments: [
        "", "{}", "[]", "null", "{\"ended\":{}}", #"{"ended":{"_0":"eaten"}}"#,
        #"{"transferred":{"_0":"x"}}"#, #"{"offered":{"group":1e40}}"#, "\0",
        #"{"answered":{"_0":{"resident":4}}}"#,
    ])
    func `an event that cannot be read is unreadable`(_ text: String) {
        #expect(throws: StoreError.unreadable(detail: "a call event cannot be read")) {
            try CallEventCoding.event(from: text, format: 1)
        }
    }

    @Test(arguments: [0, -1, Int.min])
    func `a format that never was is unreadable`(_ format: Int) {
        #expect(throws: StoreError.unreadable(detail: "a call event of format \(format)")) {
            try CallEventCoding.event(from: "{}", format: format)
        }
    }

    @Test func `what a key led to has one text`() throws {
        let call = KeyRecord.Fact.call(
            Self.plan.call,
            handle: 7,
            ringTimeout: 30_000,
            unreachable: false
        )
        let callText = """
            {"call":"call_01j0000000e01r000000000003","handle":7,"ringTimeout":30000,\
            "unreachable":false}
            """
        let command = KeyRecord.Fact.command(CommandID(high: 1, low: 2))
        let commandText = #"{"command":"cmd_0000000000000g000000000002"}"#
        #expect(try call.coded() == callText)
        #expect(try KeyRecord.Fact(coded: callText) == call)
        #expect(try command.coded() == commandText)
        #expect(try KeyRecord.Fact(coded: commandText) == command)
        #expect(throws: StoreError.self) { try KeyRecord.Fact(coded: "{}") }
        #expect(throws: StoreError.self) { try KeyRecord.Fact(coded: #"{"call":"call_x"}"#) }
    }

    @Test func `what waits in the outbox has one text for its kind`() throws {
        let missed = OutboxEntry.Payload.missed(Self.plan.call, Self.anna.resident)
        let text = """
            {"call":"call_01j0000000e01r000000000003",\
            "resident":"res_01j0000000e00r000000000001"}
            """
        let coded = try missed.coded()
        #expect(coded.kind == "missed" && coded.json == text)
        #expect(try OutboxEntry.Payload(kind: "missed", json: text) == missed)
        let other = OutboxEntry.Payload.other(kind: "mail", json: "{}")
        #expect(try OutboxEntry.Payload(kind: "mail", json: "{}") == other)
        #expect(throws: StoreError.self) { try OutboxEntry.Payload(kind: "missed", json: "{}") }
    }
}
