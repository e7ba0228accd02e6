// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleNotifier
import VestibuleNotifierContract

@Suite struct NoticeTests {
    let push = PushID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)
    let call = CallID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0002)
    let property = PropertyID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0003)
    let now = Timestamp(milliseconds: 1_800_000_000_000)

    let device = DeviceID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0004)

    func registration(sharing: Bool = false) -> Registration {
        Registration(
            id: .nothing,
            device: device,
            notifier: "webhook",
            token: "t",
            sharesAddress: sharing,
            registeredAt: now
        )
    }

    @Test func `a full notice in the documented words`() {
        let notice = Notice(
            push: push,
            kind: .ring,
            call: call,
            property: property,
            expiresAt: now + .milliseconds(29_250),
            now: now,
            seq: 4,
            url: "wss://\"1é\"\\\n\u{1}",
            ackKey: Secret("ack"),
            actionKey: Secret("act")
        )
        #expect(
            NoticeBody(notice, for: registration(sharing: true)).json == """
                {"push":"\(push.text)","kind":"ring","device":"\(device.text)",\
                "call":"\(call.text)","expiresAt":"2027-01-15T08:00:29.250Z","remainingMs":29250,\
                "serverTime":"2027-01-15T08:00:00.000Z","seq":4,\
                "url":"wss://\\"1é\\"\\\\\\n\\u0001","ackKey":"ack","actionKey":"act"}
                """
        )
    }

    @Test func `a notice without keys is ids and times`() {
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
            NoticeBody(notice, for: registration()).json == """
                {"push":"\(push.text)","kind":"test","expiresAt":"2027-01-15T08:01:00.000Z",\
                "remainingMs":60000,"serverTime":"2027-01-15T08:00:00.000Z","seq":0}
                """
        )
    }

    @Test func `a provider of strings gets strings`() {
        let strings = NoticeBody(
            NotifierContract.notice(life: .seconds(25)),
            for: registration()
        ).strings
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
