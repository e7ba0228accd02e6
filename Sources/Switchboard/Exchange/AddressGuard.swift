// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// Bounds what strangers can hold: sockets before `hello`, and guesses at tokens, by address.
///
/// Sockets with a session do not count: a building is one address.
package struct AddressGuard: Sendable {
    private struct Record: Sendable {
        var sockets = 0
        var failures = 0
        var failuresSince: Moment
    }

    private let limits: TransportLimits
    private var records: [String: Record] = [:]
    private var sockets = 0

    /// Refused sockets, for metrics.
    package private(set) var refused = 0

    /// Tokens that were none, for metrics.
    package private(set) var failedLogins = 0

    init(limits: TransportLimits) {
        self.limits = limits
    }

    /// Whether a new socket of this address may say hello; it counts until ``leave(_:)``.
    package mutating func admit(_ address: String, at now: Moment) -> Bool {
        forgetQuiet(at: now)
        var record = records[address] ?? Record(failuresSince: now)
        if now - record.failuresSince > .seconds(60) {
            record.failures = 0
            record.failuresSince = now
        }
        guard sockets < limits.unauthenticated,
            record.sockets < limits.unauthenticatedPerAddress,
            record.failures < limits.failedLogins
        else {
            refused += 1
            return false
        }
        record.sockets += 1
        sockets += 1
        records[address] = record
        return true
    }

    /// The socket has a session now, or is gone.
    package mutating func leave(_ address: String) {
        guard var record = records[address], record.sockets > 0 else { return }
        record.sockets -= 1
        sockets -= 1
        records[address] = record.sockets == 0 && record.failures == 0 ? nil : record
    }

    /// A token that was none.
    package mutating func failed(_ address: String, at now: Moment) {
        var record = records[address] ?? Record(failuresSince: now)
        failedLogins += 1
        if record.failures == 0 { record.failuresSince = now }
        record.failures += 1
        records[address] = record
    }

    /// Keeps the table small: an address that did nothing for a minute is forgotten.
    private mutating func forgetQuiet(at now: Moment) {
        guard records.count > limits.unauthenticated else { return }
        records = records.filter {
            $0.value.sockets > 0 || now - $0.value.failuresSince <= .seconds(60)
        }
    }
}
