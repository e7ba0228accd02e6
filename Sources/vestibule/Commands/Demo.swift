// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Logging
import VestibuleEventLoop
import VestibuleServer
import VestibuleStorage

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a call from button to door, with real picture and sound.",
        discussion: """
            Makes a building, serves it on a free port of this machine, rings, answers, opens the \
            door, hangs up; then writes what the resident saw and heard (WebM) and a snapshot \
            (PNG), and prints the call history. Nothing of it needs a network.
            """
    )

    @Option(help: "The folder for what it makes: call.webm, guest.png, demo-data/ (made anew).")
    var out = "Deploy/out"

    @Option(help: "Seconds of talk, 2–120.")
    var talk = 6

    @Option(help: "Seconds for the call beside the talk; then it has failed, 1–600.")
    var patience = 30

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A setting of the server, such as limits.call.ring=20; repeat it.",
            valueName: "key=value"
        )
    )
    var settings: [String] = []

    func validate() throws {
        guard (2...120).contains(talk) else {
            throw ValidationError("--talk is a number from 2 to 120")
        }
        guard (1...600).contains(patience) else {
            throw ValidationError("--patience is a number from 1 to 600")
        }
        for setting in settings { _ = try ServerFlags.parts(of: setting) }
    }

    func run() async throws {
        let data = out + "/demo-data"
        let configuration = try await configuration(data)
        do {
            try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
            try? FileManager.default.removeItem(atPath: data)
            let building = try await Seeding.seed(
                data,
                BuildingShape(devicesPerResident: 1, panels: 1)
            )
            try await play(building, configuration)
        } catch { throw Console.fail("the demo did not end well: \(Words.of(error))") }
    }

    private func configuration(_ data: String) async throws -> ServerConfiguration {
        var variables = [ServerConfiguration.variable(for: "data"): data]
        for setting in settings {
            let (key, value) = try ServerFlags.parts(of: setting)
            variables[ServerConfiguration.variable(for: key)] = value
        }
        do {
            var configuration = try await ServerConfiguration.load(
                environment: variables,
                file: nil
            )
            configuration.port = 0
            return configuration
        } catch { throw ValidationError("--set: \(error)") }
    }

    private func play(_ building: Building, _ configuration: ServerConfiguration) async throws {
        let cast = try Cast(building)
        let story = Story()
        let server = Server(
            configuration: configuration,
            notifiers: [StoryNotifier(story: story, names: cast.deviceNames)],
            logger: Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }
        )
        try await server.start()
        story.tell("server", "listens on \(await server.url)")
        let scene = Scene(
            cast: cast,
            url: await server.url,
            story: story,
            talk: talk,
            limit: .seconds(talk + patience)
        )
        let recording: URLs
        do {
            recording = try keep(try await scene.play())
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
        let history = try await HistoryReader.calls(in: configuration.data, limit: 10)
        Console.out("\nwhat the resident saw and heard  \(recording.film)")
        Console.out("a snapshot of the guest          \(recording.snapshot)\n")
        Console.out(HistoryListing.text(history))
    }

    private struct URLs {
        let film: String
        let snapshot: String
    }

    private func keep(_ recording: Scene.Result) throws -> URLs {
        let urls = URLs(film: out + "/call.webm", snapshot: out + "/guest.png")
        try Data(recording.film).write(to: URL(fileURLWithPath: urls.film))
        try Data(recording.snapshot).write(to: URL(fileURLWithPath: urls.snapshot))
        return urls
    }
}
