// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import VestibuleBasics
import VestibuleClient
import VestibuleCodecs
import VestibuleSimulators
import VestibuleWire

struct PanelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "panel",
        abstract: "Be a door panel, with a simulated camera, microphone and relays.",
        discussion: """
            Orders, a line each on stdin, or --do 'ring 1A; wait active; wait 5; hangup':
              list              the directory
              ring NAME         press a name: a unit's label or id
              hangup            give up, or end the call
              wait SECONDS
              wait WORD         ringing, active or ended; fails when it cannot come any more
              quit

            On stdout: `ringing CALL`, `active CALL`, `ended OUTCOME`, `door DOOR RESULT`.
            """
    )

    @Option(help: "The panel's id, as `seed` printed it.")
    var id: String

    @OptionGroup var client: ClientFlags

    @Flag(help: "The relays fail: every door command is answered `failed`.")
    var brokenRelays = false

    enum Order: Sendable {
        case list
        case ring(String)
        case hangUp
        case wait(Wait)
    }

    func validate() throws {
        do { _ = try script() } catch { throw ValidationError("--do: \(error)") }
    }

    private func script() throws -> Script<Order> {
        try Script(client.script) { verb, rest in
            switch (verb, rest) {
            case ("list", ""): .list
            case ("ring", let name) where !name.isEmpty: .ring(name)
            case ("hangup", ""): .hangUp
            case ("wait", let word) where !word.isEmpty: .wait(try Wait(word))
            default:
                throw OrderFailure("`\(verb) \(rest)` is not list, ring NAME, hangup, wait …, quit")
            }
        }
    }

    func run() async throws {
        let relays = Relays(outcome: brokenRelays ? .failed : .opened) { order, outcome in
            Console.out("door \(order.door.text) \(outcome.rawValue)")
        }
        let panel = try await connect(relays)
        relays.attach(to: panel)
        let house = PanelHouse(panel: panel, patience: client.patience)
        panel.loadDirectory()
        let studio = try Studio(
            picture: MovingPicture(label: "Panel"),
            voice: SynthesisedVoice(.guest),
            target: { panel.videoTarget },
            video: { panel.send(video: $0.bytes, isKey: $0.isKey) },
            audio: { panel.send(audio: $0) }
        )
        studio.start()
        let failure = await obey(house)
        await studio.stop()
        if let failure { throw Console.fail("\(failure)") }
    }

    private func connect(_ relays: Relays) async throws -> Panel {
        let token = try client.credential()
        do {
            return try await Panel.connect(
                url: client.url,
                token: token,
                panel: id,
                options: client.options
            ) { relays.open($0) }
        } catch { throw Console.fail("no panel at \(client.url): \(Words.of(error))") }
    }

    /// The orders, with the panel's events shown meanwhile; what failed.
    private func obey(_ house: PanelHouse) async -> (any Error)? {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await house.show() }
            var failure: (any Error)?
            do { try await script().run { try await house.perform($0) } } catch { failure = error }
            await house.panel.disconnect()
            return failure
        }
    }
}

/// A simulated panel, what it knows, and how far its call is.
private struct PanelHouse: Sendable {
    let panel: Panel
    let patience: Double
    private let stage = Stage(isRung: false)
    private let directory = Locked<[DirectoryEntry]?>(nil)

    init(panel: Panel, patience: Double) {
        self.panel = panel
        self.patience = patience
    }

    func perform(_ order: PanelCommand.Order) async throws {
        switch order {
        case .list:
            for entry in try await entries() {
                Console.out("\(entry.label)  \(entry.name)  \(entry.unit.text)")
            }
        case .ring(let name):
            let unit = try await entries().first { $0.label == name || $0.unit.text == name }?.unit
            guard let unit else { throw OrderFailure("nobody is called \(name)") }
            guard !stage.isLive else { throw OrderFailure("there is a call already") }
            stage.begin()
            panel.press(unit)
        case .hangUp:
            guard stage.isLive else { throw OrderFailure("there is no call") }
            panel.hangUp()
        case .wait(let wait): try await wait.run(on: stage, patience: patience)
        }
    }

    /// The directory, once it is here.
    private func entries() async throws -> [DirectoryEntry] {
        try await Wait.mark(.directory).run(on: stage, patience: patience)
        return directory.withLock { $0 } ?? []
    }

    func show() async {
        for await event in panel.events {
            switch event {
            case .screen(.ringing(let call, _)):
                Console.out("ringing \(call.text)")
                stage.enter(.ringing)
            case .screen(.active(let call, _, _)):
                Console.out("active \(call.text)")
                stage.enter(.active)
            case .screen(.ended(_, let ending)):
                Console.out("ended \(Words.of(ending))")
                stage.enter(.ended)
            case .directory(let found):
                directory.withLock { $0 = found.entries }
                stage.enter(.directory)
            case .connection(let status):
                Console.note(Words.of(status))
                guard case .closed(let end) = status else { continue }
                stage.end(Words.of(end))
            default: break
            }
        }
    }
}
