// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleClient
import VestibuleEventLoop
import VestibuleWire

/// A resident's device as an integrator has it, and all that it was told.
final class Phone: Sendable {
    let shell: Resident
    let device: DeviceID?
    let diary: Diary<ResidentEvent>

    /// Audio and video of the panel that came.
    let frames = Locked(0)

    private init(_ shell: Resident, _ principal: Principal, _ diary: Diary<ResidentEvent>) {
        self.shell = shell
        self.diary = diary
        if case .device(let device) = principal { self.device = device } else { device = nil }
        let (events, media, frames) = (shell.events, shell.frames, frames)
        Task { for await event in events { diary.write(event) } }
        Task { for await _ in media { frames.withLock { $0 += 1 } } }
    }

    static func connect(
        _ access: Access,
        _ runtime: ClientRuntime,
        _ loop: EventLoop
    ) async throws -> Phone {
        let shell = try await Resident.connect(
            url: access.url,
            token: access.token,
            device: access.principal.text,
            options: access.options,
            runtime: runtime
        )
        return Phone(shell, access.principal, Diary(loop))
    }

    /// Waits until a call is told in a form that `isWanted` wants.
    @discardableResult
    func call(
        _ what: String,
        _ call: CallID? = nil,
        within patience: Duration = .seconds(20) * TestTimes.factor,
        _ isWanted: @escaping @Sendable (ResidentCall) -> Bool
    ) async throws -> ResidentCall {
        try await diary.tells("the call \(what)", within: patience) { entries in
            entries.lazy.compactMap(\.call).first { told in
                (call == nil || told.call == call) && isWanted(told)
            }
        }
    }

    /// Waits until it asks and is answered.
    func isOnline(_ clients: Clients) async throws {
        try await clients.eventually("the phone is online") {
            (try? await shell.ask(.ping)) != nil
        }
    }

    func peerIs(present wanted: Bool, after mark: Int, within patience: Duration) async throws {
        try await diary.tells("call.peer \(wanted)", within: patience) { entries -> Void? in
            for case .peer(_, wanted, _) in entries.dropFirst(mark) { return () }
            return nil
        }
    }

    /// Answers; whether it is the one that talks, or somebody else was sooner.
    func wins(_ call: CallID) async throws -> Bool {
        do {
            try await shell.answer(call)
            return true
        } catch .refused(let refusal) where refusal.code == .alreadyAnswered {
            return false
        }
    }
}

extension ResidentEvent {
    var call: ResidentCall? {
        switch self {
        case .incoming(let call), .changed(let call): call
        default: nil
        }
    }
}
