// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleNotifier
package import VestibuleStorage
package import VestibuleSwitchboard
package import VestibuleWire

/// Sees what can be seen from outside, and shows it to the checkers.
package final class Witness {
    package unowned var world: World!
    package let record = RecordSeen()
    package var checkers: [any Checker] = []

    /// Times until then are no measure: the server itself was stopped.
    package private(set) var excusedUntil = Moment(nanoseconds: 0)

    package func excuse(until moment: Moment) { excusedUntil = max(excusedUntil, moment) }

    // MARK: Sockets

    func asked(_ message: ClientMessage, on link: Link) {
        if case .hello(let hello) = message.request { link.hello = hello }
        for checker in checkers { checker.asked(message, on: link, in: world) }
    }

    func told(_ message: ServerMessage, on link: Link) {
        if case .welcome(_, let welcome) = message {
            link.welcome = welcome
            link.welcomedAt = world.now
        }
        for checker in checkers { checker.told(message, on: link, in: world) }
    }

    func closed(_ link: Link, code: UInt16?) {
        for checker in checkers { checker.closed(link, code: code, in: world) }
    }

    func sent(frame: [UInt8], on link: Link) {
        for checker in checkers { checker.sent(frame: frame, on: link, in: world) }
    }

    func received(frame: [UInt8], on link: Link) {
        for checker in checkers { checker.received(frame: frame, on: link, in: world) }
    }

    // MARK: Doors and pushes

    /// A panel's relay was pulled.
    package func acted(_ panel: PanelPeer, command: CommandID, door: DoorID) {
        world.trace { "\(panel.name) opens \(door) for \(command)" }
        for checker in checkers {
            checker.acted(panel, command: command, door: door, in: world)
        }
    }

    func pushed(_ order: PushOrder) {
        for checker in checkers { checker.pushed(order, in: world) }
    }

    func tried(_ attempt: PushQueue.Attempt) {
        for checker in checkers { checker.tried(attempt, in: world) }
    }

    func reported(_ report: PushReport) {
        for checker in checkers { checker.reported(report, in: world) }
    }

    // MARK: The record

    func read(_ news: WatchedLedger.News) {
        switch news {
        case .appended(let number, let group):
            world.trace { "appended \(number): \(group.entries)" }
            let news = group.entries.filter { record.append($0, group: number, at: world.now) }
            for checker in checkers { checker.appended(LedgerGroup(news), in: world) }
        case .answered(let number, let answer):
            world.trace { "answered \(number): \(answer)" }
            record.answered(number, answer, at: world.now)
            for checker in checkers { checker.answered(answer, in: world) }
        }
    }

    func crashed(keeping kept: Int) {
        record.crashed(keeping: kept, at: world.now)
        for checker in checkers { checker.crashed(in: world) }
    }

    func restored(_ restored: Restored) {
        for checker in checkers { checker.restored(restored, in: world) }
    }

    func directoryChanged() {
        for checker in checkers { checker.directoryChanged(in: world) }
    }

    /// The world is over and at rest.
    package func finish(_ final: Final) {
        for checker in checkers { checker.finish(final, in: world) }
    }
}

/// What the store holds in the end.
package struct Final {
    package let calls: [CallRecord]
    package let restored: Restored

    package init(calls: [CallRecord], restored: Restored) {
        self.calls = calls
        self.restored = restored
    }
}

/// Looks for one kind of breach in what can be seen from outside.
///
/// Each sees everything in the order
/// in which it happens; most of it concerns few.
package protocol Checker: AnyObject {
    func asked(_ message: ClientMessage, on link: Link, in world: World)
    func told(_ message: ServerMessage, on link: Link, in world: World)
    func closed(_ link: Link, code: UInt16?, in world: World)
    func sent(frame: [UInt8], on link: Link, in world: World)
    func received(frame: [UInt8], on link: Link, in world: World)
    func acted(_ panel: PanelPeer, command: CommandID, door: DoorID, in world: World)
    func pushed(_ order: PushOrder, in world: World)
    func tried(_ attempt: PushQueue.Attempt, in world: World)
    func reported(_ report: PushReport, in world: World)
    func appended(_ group: LedgerGroup, in world: World)
    func answered(_ answer: LedgerAnswer, in world: World)
    func crashed(in world: World)
    func restored(_ restored: Restored, in world: World)
    func directoryChanged(in world: World)
    func finish(_ final: Final, in world: World)
}

extension Checker {
    package func asked(_ message: ClientMessage, on link: Link, in world: World) {}
    package func told(_ message: ServerMessage, on link: Link, in world: World) {}
    package func closed(_ link: Link, code: UInt16?, in world: World) {}
    package func sent(frame: [UInt8], on link: Link, in world: World) {}
    package func received(frame: [UInt8], on link: Link, in world: World) {}
    package func acted(
        _ panel: PanelPeer,
        command: CommandID,
        door: DoorID,
        in world: World
    ) {}
    package func pushed(_ order: PushOrder, in world: World) {}
    package func tried(_ attempt: PushQueue.Attempt, in world: World) {}
    package func reported(_ report: PushReport, in world: World) {}
    package func appended(_ group: LedgerGroup, in world: World) {}
    package func answered(_ answer: LedgerAnswer, in world: World) {}
    package func crashed(in world: World) {}
    package func restored(_ restored: Restored, in world: World) {}
    package func directoryChanged(in world: World) {}
    package func finish(_ final: Final, in world: World) {}
}
