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
            Orders, a line each (or --do 'wait ringing; answer; wait 5; unlock; hangup'):
              answer | decline | ignore | preview | hangup
              unlock [DOOR]     the call's first door where none is named
              open DOOR         a door without a call
              wait SECONDS | wait ringing|active|ended
              save FILE.webm    what was seen and heard so far
              quit
            """
    )

    @Option(help: "The device's id.")
    var id: String

    @OptionGroup var client: ClientFlags

    func run() async throws {
        let resident: Resident
        do {
            resident = try await Resident.connect(
                url: client.url,
                token: client.token,
                device: id,
                options: client.options
            )
        } catch { throw Console.fail("no resident: \(error)") }
        Console.note("online")
        let studio = try Studio(
            picture: MovingPicture(label: "Resident"),
            voice: SynthesisedVoice(.resident),
            target: { resident.videoTarget },
            video: { resident.send(video: $0.bytes, isKey: $0.isKey) },
            audio: { resident.send(audio: $0) }
        )
        studio.start()
        let stage = Stage()
        let call = Locked<CallID?>(nil)
        let recording = Locked(Recording())
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await show(resident, stage, call) }
            group.addTask {
                for await frame in resident.frames { recording.withLock { $0.add(frame) } }
            }
            await obey(resident, stage, call, recording)
            await resident.disconnect()
            await stage.end()
        }
        await studio.stop()
    }

    private func obey(
        _ resident: Resident,
        _ stage: Stage,
        _ call: Locked<CallID?>,
        _ recording: Locked<Recording>
    ) async {
        for await order in client.orders {
            let argument = order.dropFirst().first
            do {
                switch (order.first, argument) {
                case ("quit", _): return
                case (nil, _): break
                case ("wait", let what?): await wait(for: what, stage)
                case ("save", let file?):
                    let film = recording.withLock { $0.webM(width: 640, height: 480) }
                    try Data(film).write(to: URL(fileURLWithPath: file))
                    Console.out("saved \(file)")
                case ("open", let door?):
                    Console.out(
                        "\(try await resident.unlock(door: DoorID(lenient: door)).rawValue)"
                    )
                case (let verb?, _):
                    guard let call = call.withLock({ $0 }) else {
                        Console.note("no call")
                        continue
                    }
                    try await perform(verb, argument, on: call, resident)
                }
            } catch let failure as RequestFailure {
                Console.out("refused \(failure)")
            } catch {
                Console.note("\(error)")
            }
        }
    }

    private func perform(
        _ verb: String,
        _ argument: String?,
        on call: CallID,
        _ resident: Resident
    ) async throws {
        switch verb {
        case "answer": try await resident.answer(call)
        case "decline": try await resident.decline(call)
        case "ignore": try await resident.ignore(call)
        case "preview": try await resident.preview(call)
        case "hangup": try await resident.hangUp(call)
        case "unlock":
            let door = argument.map { DoorID(lenient: $0) }
            Console.out("\(try await resident.unlock(call, door: door).rawValue)")
        default: Console.note("answer, decline, ignore, preview, unlock, hangup, wait …, quit")
        }
    }

    private func wait(for what: String, _ stage: Stage) async {
        if let seconds = Double(what), (0...86_400).contains(seconds) {
            try? await Task.sleep(for: .milliseconds(Int(seconds * 1000)))
        } else {
            await stage.wait(for: what)
        }
    }

    private func show(_ resident: Resident, _ stage: Stage, _ call: Locked<CallID?>) async {
        for await event in resident.events {
            switch event {
            case .incoming(let incoming):
                call.withLock { $0 = incoming.call }
                Console.out("ringing \(incoming.call.text) from \(incoming.panel.name)")
                await stage.enter("ringing", instead: ["ended", "active"])
            case .changed(let changed):
                Console.out(
                    "\(changed.state.rawValue) \(changed.you.rawValue) \(changed.call.text)"
                )
                if changed.isMine { await stage.enter("active") }
                if changed.state == .ended {
                    await stage.enter("ended", instead: ["ringing", "active"])
                }
            case .doorOpened(let opened): Console.out("door \(opened.outcome.rawValue)")
            case .connection(let status): Console.note("\(status)")
            default: break
            }
        }
    }
}
