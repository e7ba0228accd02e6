// SPDX-License-Identifier: Apache-2.0

/// What a ``FaultProxy`` has done and has in hand.
package struct FaultProxyStatus: Hashable, Sendable {
    /// One direction, of a connection or of all there were.
    package struct Way: Hashable, Sendable {
        /// Bytes read from the source.
        package var received = 0
        /// Bytes written to the destination.
        package var delivered = 0
        /// Bytes read and not yet written.
        package var held = 0
        /// Bytes that came after the direction's end, or that its end caught here.
        package var swallowed = 0

        package init() {}

        init(_ pipe: Pipe) {
            received = pipe.received
            delivered = pipe.delivered
            held = pipe.held
            swallowed = pipe.swallowed
        }

        mutating func add(_ other: Way) {
            received += other.received
            delivered += other.delivered
            held += other.held
            swallowed += other.swallowed
        }
    }

    /// A connection that is not over.
    package struct Connection: Hashable, Sendable {
        /// The first accepted is 1.
        package var number: Int

        /// `waiting`, `connecting`, `open`, `settling` or `halfOpen`.
        package var phase: String
        package var up: Way
        package var down: Way

        /// Bytes that a half-open side sent into nothing.
        package var swallowed: Int
    }

    /// Nanoseconds since the start.
    package var age: Int64 = 0
    package var seed: UInt64 = 0
    package var isRefusing = false
    /// Connections accepted so far, but for those refused.
    package var accepted = 0
    /// Connections reset because there were too many.
    package var refused = 0
    /// Connections that found nobody at the other end.
    package var failed = 0
    /// Connections that are over.
    package var ended = 0
    /// Orders that wait for their time.
    package var scheduled = 0
    /// Of all connections, also those that are over.
    package var up = Way()
    package var down = Way()
    /// Those that are not over, by number.
    package var connections: [Connection] = []

    /// One line; without the single connections, of which there may be many.
    package var json: String {
        let phases = Dictionary(grouping: connections, by: \.phase).mapValues(\.count)
        return JSONLine([
            ("milliseconds", "\(age / 1_000_000)"), ("seed", "\(seed)"),
            ("refusing", "\(isRefusing)"), ("accepted", "\(accepted)"),
            ("open", "\(phases["open"] ?? 0)"), ("waiting", "\(phases["waiting"] ?? 0)"),
            ("connecting", "\(phases["connecting"] ?? 0)"),
            ("halfOpen", "\(phases["halfOpen"] ?? 0)"), ("ended", "\(ended)"),
            ("refused", "\(refused)"), ("failed", "\(failed)"), ("scheduled", "\(scheduled)"),
            ("up", up.json), ("down", down.json),
        ]).text
    }
}

extension FaultProxyStatus.Way {
    fileprivate var json: String {
        JSONLine([
            ("received", "\(received)"), ("delivered", "\(delivered)"), ("held", "\(held)"),
            ("swallowed", "\(swallowed)"),
        ]).text
    }
}

extension FaultProxyStatus.Connection {
    /// One line.
    package var json: String {
        JSONLine([
            ("number", "\(number)"), ("phase", "\"\(phase)\""), ("up", up.json),
            ("down", down.json), ("swallowed", "\(swallowed)"),
        ]).text
    }
}

/// An object of plain keys and values that are JSON already.
private struct JSONLine {
    let text: String

    init(_ members: [(key: String, value: String)]) {
        text = "{" + members.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }
}
