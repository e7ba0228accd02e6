// SPDX-License-Identifier: Apache-2.0

import Foundation
import VestibuleBasics

/// A relay that can hold what a client sends and let it go in one piece.
final class Funnel: Sendable {
    private struct State {
        var isHolding = false
        var held: [UInt8] = []
        var isOver = false
    }

    private let listener: Unchecked<RawSocket>
    private let port: Int
    private let state = Locked(State())
    private let server = Locked<Unchecked<RawSocket>?>(nil)

    init(listener: RawSocket, to port: Int) {
        self.listener = Unchecked(listener)
        self.port = port
    }

    func start() {
        let up = Thread { [self] in
            guard let client = try? listener.value.accepted(),
                let upstream = try? RawSocket(port: port)
            else { return }
            server.withLock { $0 = Unchecked(upstream) }
            let shared = Unchecked((client, upstream))
            Thread {
                while let bytes = shared.value.1.receive(), !bytes.isEmpty {
                    try? shared.value.0.send(bytes)
                }
            }.start()
            while let bytes = client.receive(), !bytes.isEmpty {
                let isHeld = state.withLock { state in
                    if state.isHolding { state.held += bytes }
                    return state.isHolding
                }
                if !isHeld { try? upstream.send(bytes) }
            }
        }
        up.start()
    }

    func hold() { state.withLock { $0.isHolding = true } }

    /// Waits for `records` TLS records, then sends them at once.
    func release(after records: Int) {
        // Counted inside the lock: a copy would share its storage with who appends.
        while state.withLock({ Self.records(in: $0.held) }) < records {}
        let bytes = state.withLock { state in
            defer { state = State() }
            return state.held
        }
        try? server.withLock { $0 }?.value.send(bytes)
    }

    func end() { server.withLock { $0 = nil } }

    private static func records(in bytes: [UInt8]) -> Int {
        var count = 0
        var place = 0
        while place + 5 <= bytes.count {
            place += 5 + Int(bytes[place + 3]) << 8 + Int(bytes[place + 4])
            if place <= bytes.count { count += 1 }
        }
        return count
    }
}

private struct Unchecked<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
