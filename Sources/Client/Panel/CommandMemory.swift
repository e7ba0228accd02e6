// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// The door commands that a panel has seen, so that it acts on none twice.
///
/// Bounded: the oldest is forgotten first. Commands live 5 s and a person presses a few times a
/// minute, so 256 reach back far beyond any repeat.
package struct CommandMemory: Sendable, Equatable {
    package let capacity: Int
    private var order: [CommandID] = []
    private var known: Set<CommandID> = []

    package init(capacity: Int = 256) {
        self.capacity = max(1, capacity)
    }

    /// Notes a command; false where it was seen before.
    package mutating func insert(_ command: CommandID) -> Bool {
        guard known.insert(command).inserted else { return false }
        order.append(command)
        if order.count > capacity { known.remove(order.removeFirst()) }
        return true
    }
}
