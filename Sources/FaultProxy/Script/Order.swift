// SPDX-License-Identifier: Apache-2.0

/// One thing that the proxy is told to do.
///
/// ``OrderLine/read(_:)`` reads it from a line, `description` writes the line back in its plainest form.
package struct Order: Hashable, Sendable {
    /// Whom it concerns.
    package enum Target: Hashable, Sendable {
        /// Every open connection, and those to come.
        case all

        /// Those to come.
        case new

        /// One, by its number: the first accepted is 1.
        case connection(Int)
    }

    /// Which way it concerns.
    package enum Ways: String, Hashable, Sendable {
        case up, down, both

        package var directions: [Direction] {
            switch self {
            case .up: [.up]
            case .down: [.down]
            case .both: [.up, .down]
            }
        }
    }

    /// Where a direction is cut.
    package enum Place: Hashable, Sendable {
        /// After so many bytes from the connection's start.
        case at(Int)

        /// After so many more.
        case after(Int)
    }

    /// A rule for a direction.
    package enum Rule: Hashable, Sendable {
        case bandwidth(Bandwidth?)
        case delay(Delay?)
        case stall(Duration?)
        case resume
        case cut(Place, End)
        case uncut
    }

    /// What becomes of a connection that is cut so that not both sides hear of it.
    package struct HalfOpen: Hashable, Sendable {
        /// The side that is reset; nil: none is, neither hears of the other again.
        package var reset: Side?

        /// Whether what a side that is left sends is read and thrown away, so that it notices
        /// nothing at all; else its sending comes to a halt.
        package var swallows: Bool

        package init(reset: Side? = nil, swallows: Bool = false) {
            self.reset = reset
            self.swallows = swallows
        }
    }

    /// What is to be done.
    package enum Action: Hashable, Sendable {
        case rule(Ways, Rule)
        case halfOpen(HalfOpen)
        case reset
        case close
        case clear
        case status
        case refuse
        case accept
        case reorder(Reorder?)
        case quit
    }

    package var target: Target
    package var action: Action

    /// Does not check that the two go together; a line that is read does.
    package init(_ action: Action, for target: Target = .all) {
        self.target = target
        self.action = action
    }
}

/// When an order is carried out.
package enum When: Hashable, Sendable {
    case now

    /// So long after the proxy began.
    case at(Duration)

    /// So long after the line was read; in a script, after the line before it.
    case later(Duration)
}

/// A line of the language.
package struct OrderLine: Hashable, Sendable {
    package var when: When
    package var order: Order

    package init(_ order: Order, when: When = .now) {
        self.when = when
        self.order = order
    }
}

/// What is wrong with an order.
package struct OrderError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
