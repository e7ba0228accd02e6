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

    /// How long all of it may take.
    let limit: Duration

    struct Result: Sendable {
        let film: [UInt8]
        let snapshot: [UInt8]
    }

    enum Trouble: Error, CustomStringConvertible {
        case notAnswered(String)
        case notRung
        case noPicture
        case late(Duration)

        var description: String {
            switch self {
            case .notAnswered(let ending): "the call was over before it was answered (\(ending))"
            case .notRung: "nobody's phone rang"
            case .noPicture: "no picture came through"
            case .late(let limit): "the call was not through within \(limit)"
            }
        }
    }

    private struct People: Sendable {
        let panel: Panel
        let anna: Resident
        let bert: Resident

        func leave() async {
            await anna.disconnect()
            await bert.disconnect()
            await panel.disconnect()
        }
    }

    /// Plays it; throws what went wrong, at the latest when its time is over.
    func play() async throws -> Result {
        let people = try await gather()
        let isLate = Locked(false)
        do {
            let result = try await act(people, isLate)
            await people.leave()
            return result
        } catch {
            await people.leave()
            // What else went wrong then did because everybody was sent home.
            throw isLate.withLock { $0 } ? Trouble.late(limit) : error
        }
    }

    private func act(_ people: People, _ isLate: Locked<Bool>) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await guest(at: people.panel) }
            group.addTask { try await answering(people.anna, as: cast.household[0].name) }
            group.addTask { await watching(people.bert, as: cast.household[1].name) }
            group.addTask {
                try await Task.sleep(for: limit)
                isLate.withLock { $0 = true }
                // Who waits for an answer is told that the line is dead.
                await people.leave()
                throw Trouble.late(limit)
            }
            defer { group.cancelAll() }
            for try await part in group {
                if let result = part { return result }
            }
            throw Trouble.notRung
        }
    }

    private func gather() async throws -> People {
        let relays = Relays { order, _ in
            let name = cast.doorNames[order.door] ?? "the door"
            story.tell("panel", "\(name) opens for \(order.hold.milliseconds / 1000) s")
        }
        let panel = try await Panel.connect(
            url: url,
            token: cast.panelToken,
            panel: cast.panel.text,
            options: options
        ) { relays.open($0) }
        relays.attach(to: panel)
        story.tell("panel", "\(cast.panelName) is online")
        return People(
            panel: panel,
            anna: try await connect(cast.household[0]),
            bert: try await connect(cast.household[1])
        )
    }

    private var options: ClientOptions {
        var options = ClientOptions()
        options.media = .simulated
        options.mediaBuffer = 4_096
        options.patience = limit
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
        return try await during(studio) {
            story.begin()
            story.tell("guest", "presses \(cast.unitLabel)")
            panel.press(cast.unit)
            try await watch(panel)
            return nil
        }
    }

    /// Until the call is over; throws where nobody answered it.
    private func watch(_ panel: Panel) async throws {
        var isAnswered = false
        for await event in panel.events {
            guard case .screen(let screen) = event else { continue }
            switch screen {
            case .ringing: story.tell("panel", "it rings")
            case .active:
                isAnswered = true
                story.tell("panel", "somebody answered: picture and sound flow")
            case .ended(_, let ending):
                story.tell("panel", "the call is over (\(Words.of(ending)))")
                guard isAnswered else { throw Trouble.notAnswered(Words.of(ending)) }
                return
            case .idle, .starting: break
            }
        }
    }

    /// Films and speaks while `body` runs.
    private func during(
        _ studio: Studio,
        _ body: () async throws -> Result?
    ) async throws -> Result? {
        studio.start()
        do {
            let result = try await body()
            await studio.stop()
            return result
        } catch {
            await studio.stop()
            throw error
        }
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
        guard let call = await ringing(resident, as: name) else { throw Trouble.notRung }
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
        _ = try await during(studio) {
            try await self.talk(in: call.call, resident, as: name)
            return nil
        }
        try await Task.sleep(for: .milliseconds(300))
        await resident.disconnect()
        return try result(await recording, name)
    }

    private func talk(in call: CallID, _ resident: Resident, as name: String) async throws {
        try await Task.sleep(for: .seconds(talk) / 2)
        story.tell(name, "unlocks the door, the call goes on")
        let outcome = try await resident.unlock(call)
        story.tell(name, "is told: \(outcome.rawValue)")
        try await Task.sleep(for: .seconds(talk) / 2)
        story.tell(name, "hangs up")
        try await resident.hangUp(call)
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
