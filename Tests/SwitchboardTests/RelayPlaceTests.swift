// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleSwitchboard
import VestibuleWire

/// "Who may send what" of the protocol, sentence by sentence.
@Suite struct RelayPlaceTests {
    @Test func `while it rings the panel may send video and no audio`() {
        var call = RelayCall()
        let looker = call.preview(5)
        #expect(call.world.send(call.camera.key(2000), from: call.panel) == .passed)
        #expect(call.world.send(call.camera.audio(), from: call.panel) == .dropped(.outOfPlace))
        #expect(looker?.headers(.video).count == 1)
        #expect(looker?.headers(.audio).isEmpty == true)
    }

    @Test func `while it rings the picture takes at most 300 kbit a second`() {
        var call = RelayCall()
        let looker = call.preview(5)
        var passed = 0
        call.world.pass(10_000) { millisecond in
            guard millisecond % 66 == 0 else { return }
            let isKey = millisecond % 1980 == 0
            let frame = isKey ? call.camera.key(8000) : call.camera.inter(8000)
            if call.world.send(frame, from: call.panel) == .passed { passed += frame.count }
        }
        #expect(passed * 8 <= 300_000 * 11 + 8012 * 8)
        #expect(call.panel.relay.received.dropped(.video, .overPictureBudget) > 0)
        assertWholeChains(looker?.headers(.video) ?? [])
    }

    @Test func `a picture of less than that passes whole while it rings`() {
        var call = RelayCall()
        let looker = call.preview(5)
        call.world.pass(10_000) { millisecond in
            guard millisecond % 66 == 0 else { return }
            let isKey = millisecond % 1980 == 0
            let frame = isKey ? call.camera.key(8000) : call.camera.inter(1900)
            #expect(call.world.send(frame, from: call.panel) == .passed)
        }
        #expect(looker?.headers(.video).count == 152)
    }

    @Test func `from active the panel may send audio and video`() {
        var call = RelayCall.answered()
        #expect(call.world.send(call.camera.audio(), from: call.panel) == .passed)
        #expect(call.world.send(call.camera.inter(), from: call.panel) == .passed)
        #expect(call.resident.headers(.audio).count == 1)
        #expect(call.resident.headers(.video).count == 2)
    }

    @Test func `the answering device may send both from its ok`() {
        var call = RelayCall.answered()
        #expect(call.world.send(call.phone.audio(), from: call.resident) == .passed)
        #expect(call.world.send(call.phone.key(), from: call.resident) == .passed)
        #expect(call.panel.headers(.audio).count == 1)
        #expect(call.panel.headers(.video).count == 1)
    }

    @Test func `a device that looks on may send nothing but reports`() throws {
        var call = RelayCall()
        let looker = try #require(call.preview(5))
        #expect(call.world.send(call.phone.audio(), from: looker) == .dropped(.outOfPlace))
        #expect(call.world.send(call.phone.key(), from: looker) == .dropped(.outOfPlace))
        #expect(call.world.send(call.phone.report(video: 1), from: looker) == .passed)
        #expect(call.panel.written.isEmpty)
    }

    @Test func `at most eight devices look on`() {
        let call = RelayCall()
        for number in 1...8 { #expect(call.preview(UInt32(number)) != nil) }
        #expect(call.preview(9) == nil)
        call.route?.removePreview(party: 3)
        #expect(call.preview(9) != nil)
    }

    @Test func `all but the answerer's pictures end at active`() throws {
        var call = RelayCall()
        let looker = try #require(call.preview(5))
        let answerer = try #require(call.preview(1))
        call.world.send(call.camera.key(2000), from: call.panel)
        #expect(answerer.headers(.video).count == 1)
        call.answer()
        call.world.send(call.camera.key(2000), from: call.panel)
        call.world.send(call.camera.inter(2000), from: call.panel)
        #expect(looker.headers(.video).count == 1)
        #expect(call.resident.headers(.video).count == 2)
        #expect(answerer.headers(.video).count == 1)
    }

    @Test func `a frame of an ended call is dropped and counted, never a fault`() {
        var call = RelayCall.answered()
        call.panel.relay.close(RelayCall.panelPort)
        call.panel.relay.close(RelayCall.residentPort)
        #expect(call.world.send(call.camera.audio(), from: call.panel) == .dropped(.outOfPlace))
        #expect(
            call.world.send(call.phone.report(video: 1), from: call.resident)
                == .dropped(.outOfPlace)
        )
        #expect(call.panel.relay.received.dropped(.audio, .outOfPlace) == 1)
        #expect(call.resident.headers(.audio).isEmpty)
    }

    @Test func `a frame while the other is away is dropped and counted`() {
        var call = RelayCall.answered()
        call.resident.relay.lineGone(call.resident)
        #expect(call.world.send(call.camera.audio(), from: call.panel) == .dropped(.nobody))
        call.route?.connect(to: nil, at: call.world.now)
        #expect(call.world.send(call.camera.audio(), from: call.panel) == .dropped(.nobody))
        #expect(call.panel.relay.received.dropped(.audio, .nobody) == 2)
    }

    @Test func `a handle never given to this session is a fault`() {
        let call = RelayCall.answered()
        var stranger = Sender(78)
        #expect(call.world.send(stranger.audio(), from: call.panel) == .fault(.handle))
        #expect(call.world.send(stranger.report(video: 1), from: call.panel) == .fault(.handle))
        let photo = stranger.frame(.photo, .key, Sender.picture(isKey: true, 100))
        #expect(call.world.send(photo, from: call.panel) == .fault(.handle))
        #expect(call.panel.relay.received.dropped(.audio, .fault) == 1)
    }

    @Test(arguments: [
        ("no header", [UInt8](repeating: 0x10, count: 11), MediaFault.short),
        ("version 2", [0x20] + [UInt8](repeating: 0, count: 20), .version),
        ("handle 0", Sender.bytes(.audio, [], 0, [0x78, 1]), .handle),
        ("audio of no bytes", Sender.bytes(.audio, [], 77, []), .short),
        ("Opus of two unequal halves", Sender.bytes(.audio, [], 77, [0x79, 1]), .audio),
        ("VP8 of two bytes", Sender.bytes(.video, [], 77, [1, 2]), .video),
        (
            "an inter frame that says key",
            Sender.bytes(.video, .key, 77, Sender.picture(isKey: false, 50)), .keyFlag
        ),
        (
            "a key frame that says inter",
            Sender.bytes(.video, [], 77, Sender.picture(isKey: true, 50)), .keyFlag
        ),
        (
            "a report of 15 bytes", Sender.bytes(.report, [], 77, [UInt8](repeating: 0, count: 15)),
            .report
        ),
        (
            "a scan with a handle", Sender.bytes(.scan, .key, 77, Sender.picture(isKey: true, 50)),
            .handle
        ),
    ])
    func `what is not what its header says is a fault`(
        name: String,
        frame: [UInt8],
        fault: MediaFault
    ) {
        let call = RelayCall.answered()
        let before = call.resident.written.count
        #expect(call.world.send(frame, from: call.panel) == .fault(.malformed(fault)))
        #expect(call.resident.written.count == before)
    }

    @Test func `what is sealed end to end is taken by its header`() {
        var call = RelayCall.answered()
        let sealed = call.camera.frame(.video, [.key, .sealed], [9, 9, 9, 9])
        #expect(call.world.send(sealed, from: call.panel) == .passed)
        #expect(call.resident.lastFrame == sealed)
    }

    @Test func `a frame is passed on unchanged`() {
        var call = RelayCall.answered()
        for frame in [call.camera.audio(), call.camera.inter(), call.camera.key()] {
            call.world.send(frame, from: call.panel)
            #expect(call.resident.lastFrame == frame)
        }
    }

    @Test func `unknown kinds, padding and what is not served are dropped and counted`() {
        let call = RelayCall.answered()
        let before = call.resident.written.count
        let padding = Sender.bytes(.padding, [], 77, [1, 2, 3])
        let unknown = Sender.bytes(MediaKind(rawValue: 9), [], 77, [1, 2, 3])
        let scan = Sender.bytes(.scan, .key, 0, Sender.picture(isKey: true, 50))
        #expect(call.world.send(padding, from: call.panel) == .dropped(.padding))
        #expect(call.world.send(unknown, from: call.panel) == .dropped(.unknownKind))
        #expect(call.world.send(scan, from: call.panel) == .dropped(.unsupported))
        let counts = call.panel.relay.received
        #expect(counts.dropped(.other, .padding) == 1)
        #expect(counts.dropped(.other, .unknownKind) == 1)
        #expect(counts.dropped(.other, .unsupported) == 1)
        #expect(call.resident.written.count == before)
    }

    @Test func `a session has 200 frames a second`() {
        var call = RelayCall.answered()
        var refused = 0
        for _ in 0..<300
        where call.world.send(call.camera.audio(), from: call.panel) == .overBudget {
            refused += 1
        }
        #expect((98...102).contains(refused))
        call.world.pass(500)
        #expect(call.world.send(call.camera.audio(), from: call.panel) == .passed)
        let next = call.resident.headers(.audio).last
        #expect(next?.flags.contains(.dropped) == true)
    }

    @Test func `a session has 4 Mbit a second, and its video goes on with a key frame`() {
        var call = RelayCall.answered()
        var refused = 0
        for _ in 0..<60
        where call.world.send(call.camera.key(20_000), from: call.panel) == .overBudget {
            refused += 1
        }
        #expect((30...36).contains(refused))
        call.world.pass(500)
        #expect(
            call.world.send(call.camera.inter(), from: call.panel) == .dropped(.awaitingKey)
        )
        #expect(call.world.send(call.camera.key(), from: call.panel) == .passed)
        #expect(call.resident.headers(.video).last?.flags == [.key, .dropped])
    }

    @Test func `a report goes to the sender, a previewer's ends at the server`() throws {
        var call = RelayCall.answered()
        #expect(call.world.send(call.phone.report(video: 90_000), from: call.resident) == .passed)
        #expect(call.panel.headers(.report).count == 1)
        var ringing = RelayCall()
        let looker = try #require(ringing.preview(4))
        #expect(ringing.world.send(ringing.phone.report(video: 9), from: looker) == .passed)
        #expect(ringing.panel.written.isEmpty)
    }
}

extension Sender {
    static func bytes(
        _ kind: MediaKind,
        _ flags: MediaFlags,
        _ handle: UInt32,
        _ payload: [UInt8]
    ) -> [UInt8] {
        MediaHeader(kind: kind, flags: flags, sequence: 1, handle: handle, timestamp: 1)
            .frame(payload)
    }
}

/// No inter frame without all frames since its key frame before it.
func assertWholeChains(
    _ headers: [MediaHeader],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    var expected: UInt16?
    for header in headers {
        if !header.flags.contains(.key) {
            #expect(header.sequence == expected, sourceLocation: sourceLocation)
        }
        expected = header.sequence &+ 1
    }
}
