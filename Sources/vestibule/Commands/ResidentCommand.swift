// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import VestibuleBasics
import VestibuleClient
import VestibuleCodecs
import VestibuleSimulators
import VestibuleWire

struct ResidentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resident",
        abstract: "Be a resident's device, with a simulated camera and microphone.",
        discussion: """
            Orders, a line each on stdin, or --do 'wait ringing; answer; wait 5; unlock; hangup':
              answer | decline | ignore | preview | hangup
              unlock [DOOR]     from the call; its first door where none is named
              open DOOR         a door without a call
              wait SECONDS
              wait WORD         ringing, active (here) or ended; fails when it cannot come any more
              save FILE.webm    what was seen and heard so far
              quit

            On stdout: `ringing CALL from PANEL`, `STATE PART CALL`, a door's result, `saved FILE`. \
            An unlock fails unless the result is `opened`.
            """
    )

    @Option(help: "The device's id, as `seed` printed it.")
    var id: String

    @OptionGroup var client: ClientFlags

    enum Order: Sendable {
        case ask(Verb)
        case unlock(DoorID?)
        case open(DoorID)
        case wait(Wait)
        case save(String)
    }

    /// What is asked about the call.
    enum Verb: String, Sendable {
        case answer
        case decline
        case ignore
        case preview
        case hangup
    }

    func validate() throws {
        do { _ = try script() } catch { throw ValidationError("--do: \(error)") }
    }

    private func script() throws -> Script<Order> {
        try Script(client.script) { verb, rest in
            switch (verb, rest) {
            case ("unlock", ""): return .unlock(nil)
            case ("unlock", let door): return .unlock(try Self.door(door))
            case ("open", let door) where !door.isEmpty: return .open(try Self.door(door))
            case ("wait", let word) where !word.isEmpty: return .wait(try Wait(word))
            case ("save", let file) where !file.isEmpty: return .save(file)
            default:
                guard rest.isEmpty, let verb = Verb(rawValue: verb) else {
                    throw OrderFailure(
                        "`\(verb) \(rest)` is not answer, decline, ignore, preview, hangup, "
                            + "unlock …, open …, wait …, save …, quit"
                    )
                }
                return .ask(verb)
            }
        }
    }

    private static func door(_ text: String) throws(OrderFailure) -> DoorID {
        guard let door = DoorID(text) else { throw OrderFailure("\(text) is no door's id") }
        return door
    }

    func run() async throws {
        let home = ResidentHome(resident: try await connect(), patience: client.patience)
        let resident = home.resident
        let studio = try Studio(
            picture: MovingPicture(label: "Resident"),
            voice: SynthesisedVoice(.resident),
            target: { resident.videoTarget },
            video: { resident.send(video: $0.bytes, isKey: $0.isKey) },
            audio: { resident.send(audio: $0) }
        )
        studio.start()
        let failure = await obey(home)
        await studio.stop()
        if let failure { throw Console.fail("\(failure)") }
    }

    private func connect() async throws -> Resident {
        let token = try client.credential()
        do {
            return try await Resident.connect(
                url: client.url,
                token: token,
                device: id,
                options: client.options
            )
        } catch { throw Console.fail("no resident at \(client.url): \(Words.of(error))") }
    }

    /// The orders, with the resident's events shown and its frames kept meanwhile; what failed.
    private func obey(_ home: ResidentHome) async -> (any Error)? {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await home.show() }
            group.addTask { await home.record() }
            var failure: (any Error)?
            do { try await script().run { try await home.perform($0) } } catch { failure = error }
            await home.resident.disconnect()
            return failure
        }
    }
}

/// A simulated resident's device, what it saw, and how far its call is.
private struct ResidentHome: Sendable {
    let resident: Resident
    let patience: Double
    private let stage = Stage(isRung: true)
    private let call = Locked<CallID?>(nil)
    private let recording = Locked(Recording())

    init(resident: Resident, patience: Double) {
        self.resident = resident
        self.patience = patience
    }

    func perform(_ order: ResidentCommand.Order) async throws {
        switch order {
        case .ask(let verb): try await ask(verb)
        case .unlock(let door): try show(try await resident.unlock(current(), door: door))
        case .open(let door): try show(try await resident.unlock(door: door))
        case .wait(let wait): try await wait.run(on: stage, patience: patience)
        case .save(let file):
            let film = recording.withLock { $0.webM(width: 640, height: 480) }
            do { try Data(film).write(to: URL(fileURLWithPath: file)) } catch {
                throw OrderFailure("\(file) cannot be written")
            }
            Console.out("saved \(file)")
        }
    }

    private func ask(_ verb: ResidentCommand.Verb) async throws {
        let call = try current()
        switch verb {
        case .answer: try await resident.answer(call)
        case .decline: try await resident.decline(call)
        case .ignore: try await resident.ignore(call)
        case .preview: try await resident.preview(call)
        case .hangup: try await resident.hangUp(call)
        }
    }

    private func current() throws -> CallID {
        guard let call = call.withLock({ $0 }) else { throw OrderFailure("there is no call") }
        return call
    }

    private func show(_ outcome: DoorOutcome) throws {
        Console.out(outcome.rawValue)
        guard outcome == .opened else { throw OrderFailure(outcome.rawValue) }
    }

    func record() async {
        for await frame in resident.frames { recording.withLock { $0.add(frame) } }
    }

    func show() async {
        for await event in resident.events {
            switch event {
            case .incoming(let incoming):
                call.withLock { $0 = incoming.call }
                Console.out("ringing \(incoming.call.text) from \(incoming.panel.name)")
                stage.begin()
                stage.enter(.ringing)
            case .changed(let changed): show(changed)
            case .doorOpened(let opened): Console.out("door \(opened.outcome.rawValue)")
            case .connection(let status):
                Console.note(Words.of(status))
                if case .closed(let end) = status { stage.end(Words.of(end)) }
            default: break
            }
        }
    }

    private func show(_ changed: ResidentCall) {
        Console.out("\(changed.state.rawValue) \(changed.you.rawValue) \(changed.call.text)")
        guard call.withLock({ $0 == changed.call }) else { return }
        if changed.isMine { stage.enter(.active) }
        if changed.state == .ended { stage.enter(.ended) }
    }
}
