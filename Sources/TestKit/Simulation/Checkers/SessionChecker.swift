// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
package import VestibuleWire

/// Events count up without gaps in each session; a replay repeats what was told; a door is never
/// opened by one.
package final class SessionChecker: Checker {
    private struct SessionSeen {
        let principal: Principal
        var events: [Int: ServerEvent] = [:]
    }

    private var sessions: [SessionID: SessionSeen] = [:]
    private var last: [Int: Int] = [:]

    package init() {}

    package func told(_ message: ServerMessage, on link: Link, in world: World) {
        switch message {
        case .welcome(_, let welcome): welcomed(welcome, link, world)
        case .event(let number, let event): happened(number, event, link, world)
        case .ok, .refused:
            // Before its welcome a socket hears nothing else but why not.
            if link.welcome == nil, case .ok = message {
                world.breach("\(link.peer.name) was answered before its welcome")
            }
        }
    }

    private func welcomed(_ welcome: Welcome, _ link: Link, _ world: World) {
        guard last[link.number] == nil else {
            return world.breach("\(link.peer.name) was welcomed twice on one socket")
        }
        if welcome.resumed {
            guard let resume = link.hello?.resume, resume.session == welcome.session,
                resume.seq <= welcome.seq,
                sessions[welcome.session]?.principal == link.peer.principal
            else { return world.breach("\(link.peer.name) resumes what it did not have") }
            last[link.number] = resume.seq
        } else {
            guard welcome.seq == 0, sessions[welcome.session] == nil else {
                return world.breach("a new session of \(link.peer.name) is not new")
            }
            sessions[welcome.session] = SessionSeen(principal: link.peer.principal)
            last[link.number] = 0
        }
    }

    private func happened(
        _ number: Int,
        _ event: ServerEvent,
        _ link: Link,
        _ world: World
    ) {
        guard let before = last[link.number], let session = link.welcome?.session else {
            return world.breach("\(link.peer.name) was told before its welcome: \(event)")
        }
        guard number == before + 1 else {
            return world.breach(
                "\(link.peer.name), link \(link.number): event \(number) after \(before)",
                call: event.aboutCall
            )
        }
        last[link.number] = number
        if link.isReplay(number) {
            if case .doorOpen = event { return world.breach("a door.open was replayed") }
        }
        guard let known = sessions[session]?.events[number] else {
            sessions[session]?.events[number] = event
            if number > 300 { sessions[session]?.events[number - 300] = nil }
            return
        }
        if case .doorOpen(let open) = known, event == .doorVoid(command: open.command) { return }
        if known != event {
            world.breach(
                "event \(number) of \(link.peer.name) was \(known) and is \(event)",
                call: event.aboutCall
            )
        }
    }

    /// At rest, each client has what its session has.
    package func finish(_ final: Final, in world: World) {
        for peer in world.peers {
            guard let link = peer.link, link.isWhole, let seen = last[link.number] else { continue }
            if peer.resume?.seq != seen || peer.resume?.session != link.welcome?.session {
                world.breach(
                    "\(peer.name) is at event \(peer.resume?.seq ?? -1), its session at \(seen)"
                )
            }
        }
    }
}

/// After its end nothing is told of a call to the same session.
package final class EndChecker: Checker {
    private var ended: [SessionID: Set<CallID>] = [:]

    package init() {}

    package func told(_ message: ServerMessage, on link: Link, in world: World) {
        guard let session = link.welcome?.session else { return }
        if case .event(let number, let event) = message, let call = event.aboutCall,
            !link.isReplay(number), ended[session]?.contains(call) == true
        {
            return world.breach(
                "\(link.peer.name) was told of a call after its end: \(event)",
                call: call
            )
        }
        link.forEachCall(in: message) { said in
            if said.state == .ended {
                ended[session, default: []].insert(said.call)
            } else if said.isEntry, ended[session]?.contains(said.call) == true {
                world.breach(
                    "\(link.peer.name) was welcomed to a call that had ended",
                    call: said.call
                )
            }
        }
    }

    package func crashed(in world: World) { ended = [:] }
}
