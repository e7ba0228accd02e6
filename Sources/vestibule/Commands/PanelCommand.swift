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
            Orders, a line each (or --do 'ring 1A; wait active; wait 5; hangup'):
              list              the directory
              ring LABEL        press a name (a unit's label or id)
              hangup            end the call
              wait SECONDS | wait ringing|active|ended
              quit
            """
    )

    @Option(help: "The panel's id.")
    var id: String

    @OptionGroup var client: ClientFlags

    @Flag(help: "The relays fail.")
    var brokenRelays = false

    func run() async throws {
        let (doors, opened) = AsyncStream<Panel.DoorCommand>.makeStream()
        let panel: Panel
        do {
            panel = try await Panel.connect(
                url: client.url,
                token: client.token,
                panel: id,
                options: client.options
            ) { opened.yield($0) }
        } catch { throw Console.fail("no panel: \(error)") }
        Console.note("online")
        panel.loadDirectory()
        let studio = try Studio(
            picture: MovingPicture(label: "Panel"),
            voice: SynthesisedVoice(.guest),
            target: { panel.videoTarget },
            video: { panel.send(video: $0.bytes, isKey: $0.isKey) },
            audio: { panel.send(audio: $0) }
        )
        studio.start()
        let stage = Stage()
        let directory = Locked<[DirectoryEntry]>([])
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await show(panel, stage, directory) }
            group.addTask {
                for await order in doors {
                    panel.doorDid(order.command, brokenRelays ? .failed : .opened)
                    Console.out("door \(order.door.text) \(brokenRelays ? "failed" : "opened")")
                }
            }
            await obey(panel, stage, directory)
            opened.finish()
            await panel.disconnect()
            await stage.end()
        }
        await studio.stop()
    }

    private func obey(
        _ panel: Panel,
        _ stage: Stage,
        _ directory: Locked<[DirectoryEntry]>
    ) async {
        for await order in client.orders {
            switch (order.first, order.dropFirst().first) {
            case ("list", _):
                for entry in directory.withLock({ $0 }) {
                    Console.out("\(entry.label)  \(entry.name)  \(entry.unit.text)")
                }
            case ("ring", let name?):
                await stage.wait(for: "directory")
                let unit = directory.withLock { all in
                    all.first { $0.label == name || $0.unit.text == name }?.unit
                }
                if let unit { panel.press(unit) } else { Console.note("nobody is called \(name)") }
            case ("hangup", _): panel.hangUp()
            case ("wait", let what?):
                if let seconds = Double(what), (0...86_400).contains(seconds) {
                    try? await Task.sleep(for: .milliseconds(Int(seconds * 1000)))
                } else {
                    await stage.wait(for: what)
                }
            case ("quit", _): return
            case (nil, _): break
            default: Console.note("list, ring LABEL, hangup, wait …, quit")
            }
        }
    }

    private func show(
        _ panel: Panel,
        _ stage: Stage,
        _ directory: Locked<[DirectoryEntry]>
    ) async {
        for await event in panel.events {
            switch event {
            case .screen(.starting): await stage.enter("starting", instead: ["ended", "ringing"])
            case .screen(.ringing(let call, _)):
                Console.out("ringing \(call.text)")
                await stage.enter("ringing")
            case .screen(.active(let call, _, _)):
                Console.out("active \(call.text)")
                await stage.enter("active")
            case .screen(.ended(_, let ending)):
                Console.out("ended \(ending)")
                await stage.enter("ended", instead: ["ringing", "active"])
            case .directory(let found):
                directory.withLock { $0 = found.entries }
                await stage.enter("directory")
            case .connection(let status): Console.note("\(status)")
            default: break
            }
        }
    }
}
