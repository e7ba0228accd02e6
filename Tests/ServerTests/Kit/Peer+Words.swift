// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleTransport
import VestibuleWire

/// Requests, answers and events.
extension Peer {
    /// Says hello and waits for the welcome.
    @discardableResult
    func hello(
        _ token: String,
        as id: String,
        resume: Resume? = nil,
        media: MediaAbilities? = nil
    ) async throws -> Welcome {
        if let resume { try await expects(eventsAfter: resume.seq) }
        try await send(text: Self.hello(token, as: id, resume: resume, media: media, id: newID()))
        return try await welcomed()
    }

    func welcomed() async throws -> Welcome {
        try await hears("the welcome") { heard in
            if case .message(.welcome(_, let welcome)) = heard { welcome } else { nil }
        }
    }

    static func hello(
        _ token: String,
        as id: String,
        resume: Resume? = nil,
        media: MediaAbilities? = nil,
        id request: String = "1"
    ) -> String {
        let hello = Hello(
            token: Secret(token),
            device: HelloDevice(id: id, media: media),
            resume: resume
        )
        return text(.hello(hello), id: request)
    }

    static func text(_ request: ClientRequest, id: String) -> String {
        String(decoding: ClientMessage(id: id, request: request).encoded(), as: UTF8.self)
    }

    /// Sends a request and does not wait; answers with its id.
    @discardableResult
    func says(_ request: ClientRequest, id: String? = nil) async throws -> String {
        let id = id ?? newID()
        try await send(text: Self.text(request, id: id))
        return id
    }

    /// The answer to a request.
    func result(of id: String) async throws -> Result<Answer, Refusal> {
        try await hears("the answer to \(id)") { heard in
            switch heard {
            case .message(.ok(id, let answer)): .success(answer)
            case .message(.refused(.some(id), let refusal)): .failure(refusal)
            default: nil
            }
        }
    }

    /// Asks and waits for the ok; a refusal is thrown.
    @discardableResult
    func asks(_ request: ClientRequest, id: String? = nil) async throws -> Answer {
        try await result(of: says(request, id: id)).get()
    }

    /// Asks and waits for a refusal; an ok is a disappointment.
    func isRefused(_ request: ClientRequest) async throws -> Refusal {
        switch try await result(of: says(request)) {
        case .success(let answer): throw Disappointment("\(request.name) was answered \(answer)")
        case .failure(let refusal): return refusal
        }
    }

    /// The refusal of something that had no id, or this one.
    func refusal(re id: String?) async throws -> Refusal {
        try await hears("a refusal of \(id ?? "nothing")") { heard in
            if case .message(.refused(id, let refusal)) = heard { refusal } else { nil }
        }
    }

    /// Waits for the first event that `pick` wants.
    func event<T: Sendable>(
        _ what: String,
        within patience: Duration = Peer.patience,
        _ pick: @escaping @Sendable (ServerEvent) -> T?
    ) async throws -> T {
        try await hears(what, within: patience) { heard in
            if case .message(.event(_, let event)) = heard { pick(event) } else { nil }
        }
    }

    /// Everything that the server has said to this socket by now and that was not asked for.
    ///
    /// A ping is answered behind it.
    func unheardEvents() async throws -> [ServerEvent] {
        try await asks(.ping)
        return try await takeUnheard().compactMap { heard in
            if case .message(.event(_, let event)) = heard { event } else { nil }
        }
    }

    // MARK: Calls

    func incoming() async throws -> CallOffer {
        try await event("call.incoming") { event in
            if case .callIncoming(let offer) = event { offer } else { nil }
        }
    }

    /// The next `call.state` of a device.
    func callState(_ call: CallID) async throws -> ResidentCallState {
        try await event("call.state") { event in
            if case .callState(let state) = event, state.call == call { state } else { nil }
        }
    }

    /// The next `call.state` of a panel with this state.
    func panelState(_ call: CallID, _ state: CallState) async throws -> PanelCallState {
        try await event("call.state \(state)") { event in
            guard case .panelCallState(let told) = event, told.call == call, told.state == state
            else { return nil }
            return told
        }
    }

    /// `call.peer`: the other side went or came back; answers with its grace.
    @discardableResult
    func peerIs(present wanted: Bool, in call: CallID) async throws -> Int? {
        try await event("call.peer present:\(wanted)") { event -> Int?? in
            guard case .callPeer(call, wanted, let grace) = event else { return nil }
            return .some(grace)
        }
    }

    func keyFrameAsked() async throws {
        _ = try await event("media.keyframe") { event -> Bool? in
            if case .mediaKeyframe = event { true } else { nil }
        }
    }

    // MARK: Doors

    func doorOpen() async throws -> DoorOpen {
        try await event("door.open") { event in
            if case .doorOpen(let open) = event { open } else { nil }
        }
    }

    func doorOpened() async throws -> DoorOpened {
        try await event("door.opened") { event in
            if case .doorOpened(let opened) = event { opened } else { nil }
        }
    }

    /// The panel's part of an unlock: the relay clicks, the server learns it.
    @discardableResult
    func opensDoor() async throws -> DoorOpen {
        let open = try await doorOpen()
        try await asks(.doorResult(DoorResult(command: open.command, outcome: .opened)))
        return open
    }

    // MARK: Media

    func frame() async throws -> [UInt8] {
        try await hears("a frame") { heard in
            if case .frame(let bytes) = heard { bytes } else { nil }
        }
    }
}
