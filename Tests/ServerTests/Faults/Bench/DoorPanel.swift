// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleClient
import VestibuleEventLoop
import VestibuleWire

/// A panel as an integrator has it, whose relay works at once, and all that it was told.
final class DoorPanel: Sendable {
    /// A relay that clicked.
    struct Click: Sendable {
        let command: CommandID
        let at: Now
    }

    let shell: Panel
    let diary: Diary<PanelEvent>

    /// Audio and video of the device that came.
    let frames = Locked(0)
    private let book: Locked<[Click]>

    var clicks: [Click] { book.withLock { $0 } }

    private init(_ shell: Panel, _ diary: Diary<PanelEvent>, _ book: Locked<[Click]>) {
        self.shell = shell
        self.diary = diary
        self.book = book
        let (events, media, frames) = (shell.events, shell.frames, frames)
        Task { for await event in events { diary.write(event) } }
        Task { for await _ in media { frames.withLock { $0 += 1 } } }
    }

    static func connect(
        _ access: Access,
        _ runtime: ClientRuntime,
        _ loop: EventLoop
    ) async throws -> DoorPanel {
        let book = Locked<[Click]>([])
        let shell = try await Panel.connect(
            url: access.url,
            token: access.token,
            panel: access.principal.text,
            options: access.options,
            runtime: runtime,
            openDoor: { order in
                book.withLock {
                    $0.append(Click(command: order.command, at: EventLoop.readNow()))
                }
                order.did(.opened)
            }
        )
        return DoorPanel(shell, Diary(loop), book)
    }

    /// Waits for a screen that `pick` wants, after the first `mark` entries.
    @discardableResult
    func screen<Found: Sendable>(
        _ what: String,
        after mark: Int = 0,
        within patience: Duration = .seconds(20) * TestTimes.factor,
        _ pick: @escaping @Sendable (PanelScreen) -> Found?
    ) async throws -> Found {
        try await diary.tells("the panel's screen \(what)", within: patience) { entries in
            for case .screen(let screen) in entries.dropFirst(mark) {
                if let found = pick(screen) { return found }
            }
            return nil
        }
    }

    /// Waits until it asks and is answered.
    func isOnline(_ clients: Clients) async throws {
        try await clients.eventually("the panel is online") {
            (try? await shell.ask(.ping)) != nil
        }
    }

    /// Whether it knows that the other side is there.
    func peerIs(present wanted: Bool, after mark: Int, within patience: Duration) async throws {
        try await diary.tells("call.peer \(wanted)", within: patience) { entries -> Void? in
            for case .peer(_, wanted, _) in entries.dropFirst(mark) { return () }
            return nil
        }
    }
}

/// How to get in.
struct Access: Sendable {
    let principal: Principal
    let token: String
    let url: String
    var options = ClientOptions()
}
