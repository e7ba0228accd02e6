// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
package import VestibuleStorage
import VestibuleSwitchboard

/// What a world's server posted in the turn that just ran; the world takes it and decides when it
/// arrives.
final class Outbox: Postbox, PushPort {
    struct Posted {
        var mail: [(mail: Mail, to: BoardIndex)] = []
        var pushes: [Push] = []
    }

    /// What the boards tell the notifiers' desk, in order.
    enum Push {
        case order(PushOrder)
        case silence([DeviceID], CallID)
    }

    private let posted = Locked(Posted())

    func post(_ mail: Mail, to board: BoardIndex) {
        posted.withLock { $0.mail.append((mail, board)) }
    }

    func push(_ order: PushOrder) { posted.withLock { $0.pushes.append(.order(order)) } }

    func silence(_ devices: [DeviceID], of call: CallID) {
        posted.withLock { $0.pushes.append(.silence(devices, call)) }
    }

    func take() -> Posted? {
        posted.withLock { posted in
            guard !posted.mail.isEmpty || !posted.pushes.isEmpty else { return nil }
            defer {
                posted.mail.removeAll(keepingCapacity: true)
                posted.pushes.removeAll(keepingCapacity: true)
            }
            return posted
        }
    }
}

/// Stands in front of a ledger: the world hears of each group when it is handed over and when it is
/// answered, in order.
package final class WatchedLedger: Ledger {
    /// What happened to a group; groups are numbered in the order in which they were handed over.
    enum News: Sendable {
        case appended(Int, LedgerGroup)
        case answered(Int, LedgerAnswer)
    }

    /// How a planted bug answers.
    package enum Honesty: Sendable {
        case honest

        /// Answers before anything is written.
        case answersAtOnce

        /// Drops each group of which this is true, and says that it was written.
        case forgets
    }

    private struct State {
        var news: [News] = []
        var groups = 0
        var honesty = Honesty.honest
    }

    private let inner: MemoryStore
    private let state = Locked(State())

    init(_ inner: MemoryStore) { self.inner = inner }

    package func lie(_ honesty: Honesty) { state.withLock { $0.honesty = honesty } }

    package func append(
        _ group: LedgerGroup,
        answer: @escaping @Sendable (LedgerAnswer) -> Void
    ) {
        let (number, honesty) = state.withLock { state in
            state.groups += 1
            state.news.append(.appended(state.groups, group))
            return (state.groups, state.honesty)
        }
        switch honesty {
        case .honest:
            inner.append(group) { result in
                self.state.withLock { $0.news.append(.answered(number, result)) }
                answer(result)
            }
        case .answersAtOnce:
            inner.append(group) { result in
                self.state.withLock { $0.news.append(.answered(number, result)) }
            }
            answer(.written)
        case .forgets:
            state.withLock { $0.news.append(.answered(number, .written)) }
            answer(.written)
        }
    }

    func take() -> [News] {
        state.withLock { state in
            guard !state.news.isEmpty else { return [] }
            defer { state.news.removeAll(keepingCapacity: true) }
            return state.news
        }
    }
}

/// The world's clocks as the ledger reads them.
final class HandClock: Sendable {
    private let state = Locked(
        Now(moment: Moment(nanoseconds: 0), time: Timestamp(milliseconds: 0))
    )

    var now: Now { state.withLock { $0 } }
    func set(_ now: Now) { state.withLock { $0 = now } }
}
