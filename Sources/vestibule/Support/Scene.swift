// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleClient
import VestibuleCodecs
import VestibuleEventLoop
import VestibuleSimulators
import VestibuleWire

/// The demo's call: a guest presses, everybody's phone rings, one answers, the door opens.
struct Scene: Sendable {
    let cast: Cast
    let url: String
    let story: Story

    /// Seconds of talk.
    let talk: Int

    struct Result: Sendable {
        let film: [UInt8]
        let snapshot: [UInt8]
    }

    enum Trouble: Error {
        case noPicture
        case noCall
    }

    func play() async throws -> Result {
        let (doors, opened) = AsyncStream<Panel.DoorCommand>.makeStream()
        let panel = try await Panel.connect(
            url: url,
            token: cast.panelToken,
            panel: cast.panel.text,
            options: options
        ) { opened.yield($0) }
        story.tell("panel", "\(cast.panelName) is online")
        let anna = try await connect(cast.household[0])
        let bert = try await connect(cast.household[1])
        let result = try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await guest(at: panel) }
            group.addTask { try await answering(anna, as: cast.household[0].name) }
            group.addTask { await watching(bert, as: cast.household[1].name) }
            group.addTask { await relays(doors, of: panel) }
            var result: Result?
            for try await part in group where part != nil {
                result = part
                break
            }
            opened.finish()
            await anna.disconnect()
            await bert.disconnect()
            await panel.disconnect()
            return result
        }
        guard let result else { throw Trouble.noCall }
        return result
    }

    private var options: ClientOptions {
        var options = ClientOptions()
        options.media = MediaAbilities(
            maxWidth: 640,
            maxHeight: 480,
            fps: 15,
            screen: true,
            microphone: true
        )
        options.mediaBuffer = 4_096
        return options
    }

    private func connect(_ person: Cast.Person) async throws -> Resident {
        let resident = try await Resident.connect(
            url: url,
            token: person.token,
            device: person.device.text,
            options: options
        )
        story.tell(person.name, "is online")
        return resident
    }

    // MARK: The guest

    private func guest(at panel: Panel) async throws -> Result? {
        let studio = try Studio(
            picture: MovingPicture(label: cast.panelName),
            voice: SynthesisedVoice(.guest),
            target: { panel.videoTarget },
            video: { panel.send(video: $0.bytes, isKey: $0.isKey) },
            audio: { panel.send(audio: $0) }
        )
        studio.start()
        story.begin()
        story.tell("guest", "presses \(cast.unitLabel)")
        panel.press(cast.unit)
        for await event in panel.events {
            guard case .screen(let screen) = event else { continue }
            switch screen {
            case .ringing: story.tell("panel", "it rings")
            case .active: story.tell("panel", "somebody answered: picture and sound flow")
            case .ended(_, let ending):
                story.tell("panel", "the call is over (\(words(for: ending)))")
                await studio.stop()
                return nil
            case .idle, .starting: break
            }
        }
        await studio.stop()
        return nil
    }

    private func words(for ending: PanelEnding) -> String {
        switch ending {
        case .outcome(let outcome): outcome?.rawValue ?? "unknown"
        case .failed(let failure): "\(failure)"
        case .here: "hung up here"
        case .connectionLost: "connection lost"
        }
    }

    /// The relays of the panel: each needs a moment to pull.
    private func relays(_ doors: AsyncStream<Panel.DoorCommand>, of panel: Panel) async -> Result? {
        for await order in doors {
            let name = cast.doorNames[order.door] ?? "the door"
            try? await Task.sleep(for: .milliseconds(120))
            story.tell("panel", "\(name) opens for \(order.hold.milliseconds / 1000) s")
            panel.doorDid(order.command, .opened)
        }
        return nil
    }

    // MARK: The household

    private func watching(_ resident: Resident, as name: String) async -> Result? {
        for await event in resident.events {
            switch event {
            case .incoming(let call): story.tell(name, "rings: \(call.panel.name)")
            case .changed(let call) where call.state == .active && !call.isMine:
                story.tell(name, "falls silent: answered elsewhere")
            case .doorOpened(let opened):
                story.tell(name, "is told: \(opened.by.name) opened the door")
            default: break
            }
        }
        return nil
    }

    private func answering(_ resident: Resident, as name: String) async throws -> Result? {
        guard let call = await ringing(resident, as: name) else { throw Trouble.noCall }
        try await resident.preview(call.call)
        story.tell(name, "sees who it is before answering")
        async let recording = record(resident)
        try await Task.sleep(for: .milliseconds(1_200))
        try await resident.answer(call.call)
        story.tell(name, "answers")
        let studio = try Studio(
            picture: MovingPicture(label: name),
            voice: SynthesisedVoice(.resident),
            target: { resident.videoTarget },
            video: { resident.send(video: $0.bytes, isKey: $0.isKey) },
            audio: { resident.send(audio: $0) }
        )
        studio.start()
        try await Task.sleep(for: .seconds(talk) / 2)
        story.tell(name, "unlocks the door, the call goes on")
        let outcome = try await resident.unlock(call.call)
        story.tell(name, "is told: \(outcome.rawValue)")
        try await Task.sleep(for: .seconds(talk) / 2)
        story.tell(name, "hangs up")
        try await resident.hangUp(call.call)
        await studio.stop()
        try await Task.sleep(for: .milliseconds(300))
        await resident.disconnect()
        return try result(await recording, name)
    }

    private func ringing(_ resident: Resident, as name: String) async -> ResidentCall? {
        for await event in resident.events {
            guard case .incoming(let call) = event else { continue }
            story.tell(name, "rings: \(call.panel.name)")
            return call
        }
        return nil
    }

    /// Keeps what comes until the connection ends.
    private func record(_ resident: Resident) async -> Recording {
        var recording = Recording()
        for await frame in resident.frames { recording.add(frame) }
        return recording
    }

    private func result(_ recording: Recording, _ name: String) throws -> Result {
        guard let snapshot = try recording.snapshot() else { throw Trouble.noPicture }
        story.tell(
            name,
            "received \(recording.pictures) pictures and \(recording.packets) sound packets"
        )
        return Result(film: recording.webM(width: 640, height: 480), snapshot: snapshot)
    }
}
