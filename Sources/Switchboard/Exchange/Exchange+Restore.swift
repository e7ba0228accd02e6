// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
package import VestibuleBasics
package import VestibuleStorage
import VestibuleWire

extension Exchange {
    /// Takes up what the store had when the server stopped: keys at once, calls and door commands
    /// as one adoption for each board.
    ///
    /// Before the port listens.
    package func restore(_ restored: Restored, boards: Int, at now: Now) -> [Adoption] {
        let doors = Dictionary(
            restored.doors.map { ($0.attempt.command, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        keys.withLock { table in
            for (record, age, isCertain) in byAge(restored.keys, at: now) {
                table.restore(
                    record.key,
                    of: record.principal,
                    reply: Self.reply(to: record.fact, doors),
                    at: now.moment - age,
                    isCounted: isCertain
                )
            }
        }
        let keyOf = Dictionary(
            restored.keys.compactMap { record -> (CommandID, String)? in
                guard case .command(let command) = record.fact else { return nil }
                return (command, record.key)
            },
            uniquingKeysWith: { first, _ in first }
        )
        return (0..<boards).map { board in
            Adoption(
                calls: restored.calls.filter { $0.key.low % UInt64(boards) == UInt64(board) },
                doors: restored.doors
                    .filter { $0.attempt.command.low % UInt64(boards) == UInt64(board) }
                    .map { AdoptedDoor(record: $0, key: keyOf[$0.attempt.command]) },
                notices: board == 0 ? restored.notices : []
            )
        }
    }

    private static func refused(_ code: String) -> Reply {
        .refused(ErrorCode(rawValue: code), "this key's first use was refused so")
    }

    /// The oldest first.
    ///
    /// A key that is older than a day, or from the future, may be of today by a clock that was set:
    /// it holds a day more, and is not counted as one of the day.
    private func byAge(
        _ keys: [KeyRecord],
        at now: Now
    ) -> [(KeyRecord, age: Duration, isCertain: Bool)] {
        keys.map { record in
            let age = now.time - record.at
            let isCertain = age >= .zero && age <= keyAge
            return (record, isCertain ? age : .zero, isCertain)
        }.sorted { $0.age > $1.age }
    }

    /// The answer that the first use of a key got, or would have got had the server lived.
    private static func reply(
        to fact: KeyRecord.Fact,
        _ doors: [CommandID: DoorAttemptRecord]
    ) -> Reply {
        switch fact {
        case .call(let call, _, _, unreachable: true):
            .refused(Refusal(.unreachable, detail: "nobody could be reached", call: call))
        case .call(let call, let handle, let ringTimeout, unreachable: false):
            .ok(.started(call, handle: handle, ringTimeout: Double(ringTimeout) / 1000))
        case .command(let command):
            switch doors[command]?.result {
            case let result? where result.outcome == .notSent:
                refused(result.detail ?? ErrorCode.notRecorded.rawValue)
            case let result: .ok(.door(command, result?.outcome.wire ?? .unknown))
            }
        case .refused(let code): refused(code)
        }
    }
}
