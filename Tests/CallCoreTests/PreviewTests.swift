// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

@Suite struct PreviewTests: AtTheDoor {
    let house = Household(previewLimit: 2)

    private var previewers: [DeviceID]? {
        guard case .ringing(let ringing) = house.call.state else { return nil }
        return ringing.previewers
    }

    @Test func `a device asks for preview: ringing, it sees the picture, the guest nothing of it`()
    {
        panel.presses()
        #expect(
            anna.previews() == [
                "record previewed anna.phone", "preview anna.phone", "answer ok",
            ]
        )
        #expect(panel.sees == "ringing")
    }

    @Test func `asked for again, it is shown again and written down once`() {
        panel.presses()
        anna.previews()
        #expect(anna.previews() == ["preview anna.phone", "answer ok"])
        #expect(previewers == [Cast.annasPhone.device])
    }

    @Test func `one more than allowed is busy`() {
        panel.presses()
        anna.previews()
        annasTablet.previews()
        #expect(bert.previews() == ["answer busy"])
    }

    @Test func `a device that left leaves its place to another`() {
        panel.presses()
        anna.previews()
        annasTablet.previews()
        #expect(anna.isLost() == ["end preview anna.phone"])
        #expect(bert.previews().contains("preview bert.phone"))
        #expect(anna.returns() == [])
        #expect(anna.previews() == ["answer busy"])
    }

    @Test func `a device that left without a preview is no news`() {
        panel.presses()
        #expect(bert.isLost() == [])
    }

    @Test func `a device removed sees the picture no longer, and leaves its place`() {
        panel.presses()
        anna.previews()
        annasTablet.previews()
        #expect(
            anna.isRevoked() == [
                "record removed anna.phone", "end preview anna.phone",
                "tell anna.phone: ringing out revoked", "silence push: anna.phone",
                "cancel push: anna.phone",
            ]
        )
        #expect(bert.previews().contains("preview bert.phone"))
    }

    @Test func `when somebody answers, all previews but the answerer's end`() {
        panel.presses()
        anna.previews()
        bert.previews()
        #expect(
            anna.answers().prefix(3) == [
                "record answered anna.phone", "end preview bert.phone", "connect anna.phone",
            ]
        )
    }

    @Test func `an ended call shows nobody a picture`() {
        panel.presses()
        anna.previews()
        #expect(panel.cancels().prefix(2) == ["record ended cancelled", "disconnect"])
        #expect(anna.previews() == ["answer call_ended"])
    }
}
