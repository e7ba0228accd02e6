// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleWire

/// A panel and a device in a call, and the media between them.
final class Talk: Sendable {
    let call: CallID
    let handle: UInt32

    /// Either may get another socket in a test.
    private let ends: Locked<(panel: Peer, device: Peer)>
    private let frames: Locked<(panel: Frames, device: Frames)>

    var panel: Peer {
        get { ends.withLock { $0.panel } }
        set { ends.withLock { $0.panel = newValue } }
    }

    var device: Peer {
        get { ends.withLock { $0.device } }
        set { ends.withLock { $0.device = newValue } }
    }

    init(call: CallID, handle: UInt32, panel: Peer, device: Peer) {
        self.call = call
        self.handle = handle
        ends = Locked((panel, device))
        frames = Locked((Frames(handle: handle), Frames(handle: handle)))
    }

    /// Presses the button and answers.
    static func begin(_ panel: Peer, calls unit: UnitID, _ device: Peer) async throws -> Talk {
        let started = try await panel.asks(.callStart(unit: unit, key: panel.newID()))
        let offer = try await device.incoming()
        #expect(offer.call == started.call && offer.handle == started.handle)
        let answer = try await device.asks(.callAnswer(offer.call))
        #expect(answer.handle == offer.handle)
        _ = try await panel.panelState(offer.call, .active)
        return Talk(call: offer.call, handle: offer.handle, panel: panel, device: device)
    }

    /// Sound and picture come through unchanged in both directions.
    func flows(times: Int = 3) async throws {
        for _ in 0..<times {
            let (down, up) = frames.withLock { frames in
                (
                    [frames.panel.audio(), frames.panel.key(), frames.panel.inter()],
                    [frames.device.audio(), frames.device.key(), frames.device.inter()]
                )
            }
            try await panel.send(frames: down)
            try await device.send(frames: up)
            for sent in down { #expect(try await device.frame().asSent == sent) }
            for sent in up { #expect(try await panel.frame().asSent == sent) }
        }
    }

    /// One audio packet, to whoever gets it.
    func nextAudio(ofPanel: Bool) -> [UInt8] {
        frames.withLock { ofPanel ? $0.panel.audio() : $0.device.audio() }
    }

    func hangsUp() async throws { try await device.asks(.callHangup(call)) }
}
