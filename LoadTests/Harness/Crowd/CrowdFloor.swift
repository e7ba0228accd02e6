// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// The devices of a crowd, on its thread.
final class CrowdFloor {
    private let loop: EpollLoop
    private let change: ((inout Crowd.Standing) -> Void) -> Void
    private var clients: [EpollClient<ResidentClient>] = []
    private var isOpen: [Bool] = []

    /// The session that each had when it was dropped.
    private var sessions: [SessionID?] = []
    private var isLeaving = false
    private var wereDropped = false

    init(
        _ devices: [Building.Device],
        on loop: EpollLoop,
        to address: EpollAddress,
        _ change: @escaping ((inout Crowd.Standing) -> Void) -> Void
    ) {
        self.loop = loop
        self.change = change
        isOpen = Array(repeating: false, count: devices.count)
        sessions = Array(repeating: nil, count: devices.count)
        clients = devices.map { device in
            EpollClient(
                ResidentClient(settings: Pair.settings(device.id), token: Secret(device.token)),
                on: loop,
                to: address
            )
        }
        for (index, client) in clients.enumerated() {
            client.onReport = { [unowned self] report in
                if case .connection(let status) = report { note(status, of: index) }
            }
        }
    }

    /// Does what it is told; false where that was to leave.
    func hear(_ word: Crowd.Word) -> Bool {
        switch word {
        case .connect(let perSecond):
            let interval = Duration.nanoseconds(1_000_000_000 / Int64(perSecond))
            _ = Pacer(
                on: loop,
                from: EpollLoop.clock(),
                every: interval,
                count: clients.count
            ) { [unowned self] index, _ in clients[index].start() }
        case .drop: drop()
        case .leave: leave()
        case .end: return false
        }
        return true
    }

    /// One after the other: that thousands go at once is a scenario of its own.
    private func leave() {
        isLeaving = true
        var left = clients.count
        _ = Pacer(
            on: loop,
            from: EpollLoop.clock(),
            every: Self.leaving,
            count: clients.count
        ) { [unowned self] index, _ in
            let counters = clients[index].machine.counters
            clients[index].end()
            left -= 1
            change { standing in
                standing.noticed.add(counters)
                standing.isOver = left == 0
            }
        }
    }

    private static let leaving = Duration.microseconds(300)

    private func drop() {
        sessions = clients.map { $0.machine.resume?.session }
        wereDropped = true
        let now = EpollLoop.clock()
        change { $0.droppedAt = now }
        for client in clients { client.drop() }
    }

    private func note(_ status: ConnectionStatus, of index: Int) {
        let (was, isNow) = (isOpen[index], status == .open)
        guard was != isNow, !isLeaving else { return }
        isOpen[index] = isNow
        guard isNow else {
            let isOurs = sessions[index] != nil
            return change { standing in
                standing.open -= 1
                if !isOurs { standing.lost += 1 }
            }
        }
        let hasResumed = sessions[index].map { $0 == clients[index].machine.resume?.session }
        sessions[index] = nil
        let now = EpollLoop.clock()
        change { standing in
            standing.open += 1
            standing.lastWelcome = now
            if hasResumed == true { standing.resumed += 1 }
        }
    }
}
