// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// Panel and resident over real sockets, as an integrator uses them.
@Suite(.timeLimit(.minutes(1))) struct ShellTests {
    private let voice: [UInt8] = [0x78, 1, 2, 3]

    /// A panel whose relay always works at once.
    private func panel(_ url: String, runtime: ClientRuntime? = nil) async throws -> Panel {
        try await Panel.connect(
            url: url,
            token: "good",
            panel: Sample.panel.text,
            runtime: runtime,
            openDoor: { $0.did(.opened) }
        )
    }

    private func first<Event: Sendable, Found>(
        _ events: AsyncStream<Event>,
        _ match: (Event) -> Found?
    ) async -> Found? {
        for await event in events {
            if let found = match(event) { return found }
        }
        return nil
    }

    @Test func `a call from the press to the door, with sound both ways`() async throws {
        let (server, url) = try await StubServer.start()
        let runtime = try await ClientRuntime.start()
        let panel = try await panel(url, runtime: runtime)
        let resident = try await Resident.connect(
            url: url,
            token: "good",
            device: Sample.device.text,
            runtime: runtime
        )
        panel.press(Sample.unit)
        let call = await first(resident.events) { event in
            if case .incoming(let call) = event { call } else { nil }
        }
        #expect(call?.panel.name == "Front")
        try await resident.answer(Sample.call)
        let active = await first(panel.events) { event in
            if case .screen(.active(let call, _, _)) = event { call } else { nil }
        }
        #expect(active == Sample.call)
        resident.send(audio: voice)
        let heard = await first(panel.frames) { $0 }
        #expect(heard?.payload == voice)
        #expect(heard?.header.handle == 77)
        panel.send(video: [0x10, 0, 0], isKey: false)
        panel.send(video: [9, 9, 9], isKey: true)
        let seen = await first(resident.frames) { $0 }
        #expect(seen?.payload == [9, 9, 9], "an inter frame does not go before the key frame")
        #expect(try await resident.unlock(Sample.call) == .opened)
        try await resident.hangUp(Sample.call)
        let ended = await first(panel.events) { event in
            if case .openDoor = event { Issue.record("a door is not opened by a stream") }
            return if case .screen(.ended(_, let ending)) = event { ending } else { nil }
        }
        #expect(ended == .outcome(.completed))
        await resident.disconnect()
        await panel.disconnect()
        await runtime.stop()
        await server.stop()
    }

    @Test func `a lost socket comes back and the call goes on`() async throws {
        let (server, url) = try await StubServer.start()
        let panel = try await panel(url)
        panel.press(Sample.unit)
        let right = await first(panel.events) { event in
            if case .media(let right) = event { right } else { nil }
        }
        #expect(right?.handle == 77)
        server.dropPanel()
        var gaps = 0
        let again = await first(panel.events) { event -> MediaRight? in
            guard case .media(let right) = event else { return nil }
            if right == nil { gaps += 1 }
            return right
        }
        #expect(gaps == 1)
        #expect(again?.audio == true)
        #expect(try await server.welcomed() == 2)
        #expect(panel.memory?.session == Sample.session)
        await panel.disconnect()
        await server.stop()
    }

    @Test func `what a later process needs is there as soon as the client is connected`()
        async throws
    {
        let (server, url) = try await StubServer.start()
        let runtime = try await ClientRuntime.start()
        for _ in 0..<100 {
            let panel = try await panel(url, runtime: runtime)
            #expect(panel.memory?.session == Sample.session)
            await panel.disconnect()
        }
        await runtime.stop()
        await server.stop()
    }

    @Test func `a replaced device hears of it and does not come back`() async throws {
        let (server, url) = try await StubServer.start()
        let resident = try await Resident.connect(
            url: url,
            token: "good",
            device: Sample.device.text
        )
        server.closeResident(code: 4409)
        let end = await first(resident.events) { event in
            if case .connection(.closed(let end)) = event { end } else { nil }
        }
        #expect(end == .replaced)
        await #expect(throws: RequestFailure.notPossible) {
            try await resident.answer(Sample.call)
        }
        await resident.disconnect()
        await #expect(throws: RequestFailure.closed) {
            try await resident.answer(Sample.call)
        }
        await server.stop()
    }

    @Test func `a client that is let go of without a word leaves`() async throws {
        let (server, url) = try await StubServer.start()
        let events: AsyncStream<ResidentEvent>
        do {
            let resident = try await Resident.connect(
                url: url,
                token: "good",
                device: Sample.device.text
            )
            events = resident.events
        }
        let last = await events.reduce(nil) { $1 } as ResidentEvent?
        #expect(last == .connection(.closed(.stopped)))
        await server.stop()
    }

    @Test func `a bad token, a bad address and a closed port are told apart`() async throws {
        let (server, url) = try await StubServer.start()
        await #expect(throws: ClientError.refused(.notAuthenticated)) {
            try await Resident.connect(url: url, token: "bad", device: Sample.device.text)
        }
        await server.stop()
        await #expect(throws: ClientError.badAddress("http://x")) {
            try await Resident.connect(url: "http://x", token: "good", device: "d")
        }
        var options = ClientOptions()
        options.patience = .milliseconds(200)
        await #expect(throws: ClientError.unreachable) {
            try await Resident.connect(url: url, token: "good", device: "d", options: options)
        }
    }
}
