// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleSwitchboard

/// How a link can break.
package enum Break: String, CaseIterable, Sendable {
    /// Both ends hear of it.
    case reset

    /// The client hears; the server must find out.
    case halfOpenServer

    /// The server hears; the client must find out.
    case halfOpenClient

    /// Nobody hears.
    case silent

    /// Nothing moves for a while; then all of it arrives, late.
    case stall

    /// The client reads nothing for a while.
    case congestion
}

extension World {
    /// Breaks a link.
    package func damage(_ link: Link, _ way: Break, for duration: Duration) {
        trace { "link \(link.number) of \(link.peer.name): \(way) \(duration)" }
        link.isFaulty = true
        switch way {
        case .reset:
            link.upward = .dead
            serverLoses(link, after: link.random.draw(.zero ... .milliseconds(300)))
            clientLoses(link, after: link.random.draw(.zero ... .milliseconds(300)))
        case .halfOpenServer:
            link.upward = .dead
            clientLoses(link, after: link.random.draw(.zero ... .milliseconds(300)))
        case .halfOpenClient:
            link.upward = .dead
            link.downward = .dead
            serverLoses(link, after: link.random.draw(.zero ... .milliseconds(300)))
        case .silent:
            link.upward = .dead
            link.downward = .dead
        case .stall:
            let until = now + duration
            if link.random.percent(70) { link.upward = .stalled(until: until) }
            if link.random.percent(70) { link.downward = .stalled(until: until) }
        case .congestion:
            link.congestedUntil = now + duration
        }
    }

    /// Another process of the same device connects, while the old one's socket stays open and is
    /// read by nobody.
    package func duplicateSocket(of peer: Peer, resuming: Bool) {
        trace { "\(peer.name) opens a second socket" }
        peer.startAnew(resuming: resuming)
    }

    /// A link that worked badly works well again, or ends.
    package func heal(_ link: Link) {
        link.congestedUntil = nil
        if case .stalled = link.upward { link.upward = .stalled(until: now) }
        if case .stalled = link.downward { link.downward = .stalled(until: now) }
    }

    private func serverLoses(_ link: Link, after delay: Duration) {
        let life = link.life
        inServer(after: delay) { [self] in
            guard life == self.life, link.isServerOpen, let line = link.line else { return }
            turn(link.board) { $0.closed(line, at: time) }
            link.isServerOpen = false
            link.line = nil
            forget(link)
        }
    }

    private func clientLoses(_ link: Link, after delay: Duration) {
        after(delay) { [self] in
            guard link.isClientOpen else { return }
            link.isClientOpen = false
            link.peer.links[link.socket] = nil
            trace { "\(link.peer.name) loses link \(link.number)" }
            link.peer.closed(link.socket, nil)
            forget(link)
        }
    }
}
