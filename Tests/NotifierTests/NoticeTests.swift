// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleNotifier
import VestibuleTestKit

@Suite struct NoticeTests {
    let push = PushID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)
    let call = CallID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0002)
    let property = PropertyID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0003)
    let now = Timestamp(milliseconds: 1_800_000_000_000)

    @Test func `a full notice in the documented words`() {
        let notice = Notice(
            push: push,
            kind: .ring,
            call: call,
            property: property,
            expiresAt: now + .milliseconds(29_250),
            now: now,
            seq: 4,
            url: "wss://n1/v1/socket",
            ackKey: Concealed("ack"),
            actionKey: Concealed("act"),
            names: Notice.Names(panel: "Gate \"A\"\\\n\u{1}", unit: "12é")
        )
        #expect(
            NoticeBody(notice).json == """
                {"push":"\(push.text)","kind":"ring","call":"\(call.text)",\
                "expiresAt":"2027-01-15T08:00:29.250Z","remainingMs":29250,\
                "serverTime":"2027-01-15T08:00:00.000Z","seq":4,"url":"wss://n1/v1/socket",\
                "ackKey":"ack","actionKey":"act","panel":"Gate \\"A\\"\\\\\\n\\u0001","unit":"12é"}
                """
        )
    }

    @Test func `a notice without names and keys is ids and times`() {
        let notice = Notice(
            push: push,
            kind: .test,
            call: nil,
            property: property,
            expiresAt: now + .seconds(60),
            now: now,
            seq: 0
        )
        #expect(
            NoticeBody(notice).json == """
                {"push":"\(push.text)","kind":"test","expiresAt":"2027-01-15T08:01:00.000Z",\
                "remainingMs":60000,"serverTime":"2027-01-15T08:00:00.000Z","seq":0}
                """
        )
    }

    @Test func `names stay at home where the way may not carry them`() {
        let body = NoticeBody(NotifierContract.notice(), withNames: false)
        #expect(!body.json.contains("panel") && !body.json.contains("unit\""))
        #expect(body.json.contains("\"seq\":3"))
        #expect(NoticeBody(NotifierContract.notice()).json.contains("\"unit\":\"Unit 12\""))
    }

    @Test func `a provider of strings gets strings`() {
        let strings = NoticeBody(NotifierContract.notice(life: .seconds(25))).strings
        #expect(strings["remainingMs"] == "25000")
        #expect(strings["seq"] == "3")
        #expect(strings["kind"] == "ring")
        #expect(strings["ackKey"] == "ack-key-9f4b")
    }

    @Test func `a notice whose time is over has nothing left`() {
        let notice = Notice(
            push: push,
            kind: .ring,
            call: call,
            property: property,
            expiresAt: now + .seconds(-5),
            now: now,
            seq: 1
        )
        #expect(notice.remaining == .zero)
    }

    @Test func `keys and tokens are not printed`() {
        let notice = NotifierContract.notice()
        let registration = Registration(
            id: .nothing,
            device: .nothing,
            notifier: "webPush",
            token: "https://push/t0k3n",
            parameters: ["auth": "s3cret"],
            registeredAt: now
        )
        var dumped = ""
        dump(notice, to: &dumped)
        dump(registration, to: &dumped)
        let shown =
            "\(notice)\(registration)\([registration])" + dumped
            + String(reflecting: registration) + String(reflecting: notice)
        for secret in ["9f4b", "77c1", "t0k3n", "s3cret"] { #expect(!shown.contains(secret)) }
        #expect("\(registration)".contains("#" + registration.tokenMark))
    }
}
