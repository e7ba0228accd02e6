// SPDX-License-Identifier: Apache-2.0

import CVestibuleEpoll
import Foundation
import Glibc
import VestibuleBasics

/// Devices that are connected and quiet: many, on a thread and a loop of their own.
///
/// Nothing about them is measured to the microsecond, and thousands that connect at once keep a loop
/// busy for a second. So their thread gives way to that of the calls, whose frames are due.
final class Crowd: Sendable {
    /// How the crowd stands.
    struct Standing {
        /// Devices with an open session.
        var open = 0

        /// Of those that came back, how many resumed the session they had.
        var resumed = 0

        /// Connections that were lost although nobody dropped them.
        var lost = 0

        /// What the devices' own lines noticed, once they have left.
        var noticed = Noticed()

        /// When the last device was welcomed.
        var lastWelcome = Moment(nanoseconds: 0)

        /// When the crowd was dropped.
        var droppedAt = Moment(nanoseconds: 0)

        /// What the system refused.
        var failure: EpollFailure?

        /// All have left.
        var isOver = false
    }

    /// What the crowd is told.
    enum Word {
        /// Connect, so many a second.
        case connect(perSecond: Int)

        /// Lose all connections in one turn.
        case drop

        /// Leave, one after the other.
        case leave

        /// Let go of the thread.
        case end
    }

    private struct State {
        var standing = Standing()
        var words: [Word] = []
        var door: EpollLoop.Door?
        var thread: pid_t = 0
    }

    /// Devices of it.
    let count: Int
    private let state = Locked(State())

    /// A crowd of these devices; none is connected.
    init(_ devices: [Building.Device], at address: EpollAddress) {
        count = devices.count
        let thread = Thread { [self] in
            state.withLock { $0.thread = vestibule_thread() }
            vestibule_give_way(19)
            live(devices, address)
        }
        thread.name = "crowd"
        thread.stackSize = 1 << 20
        thread.start()
    }

    var standing: Standing { state.withLock { $0.standing } }

    /// Says something to the crowd, which does it on its own thread.
    func tell(_ word: Word) {
        let door = state.withLock { state in
            state.words.append(word)
            return state.door
        }
        door?.post { $0.stop() }
    }

    /// Processor seconds of its thread.
    var processorSeconds: Double {
        let thread = state.withLock { $0.thread }
        return ProcessorTime(of: getpid(), thread: thread)?.seconds ?? 0
    }

    private func live(_ devices: [Building.Device], _ address: EpollAddress) {
        let loop: EpollLoop
        do throws(EpollFailure) { loop = try EpollLoop(granularity: .milliseconds(1)) } catch {
            return state.withLock { $0.standing.failure = error }
        }
        state.withLock { $0.door = loop.door }
        let floor = CrowdFloor(devices, on: loop, to: address) { change in
            self.state.withLock { change(&$0.standing) }
        }
        while true {
            let words = state.withLock { state in
                defer { state.words = [] }
                return state.words
            }
            for word in words where !floor.hear(word) { return }
            loop.run(until: EpollLoop.clock() + .milliseconds(200))
            guard let failure = loop.lastConnectFailure, failure.isOurs else { continue }
            state.withLock { $0.standing.failure = failure }
        }
    }
}
