// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics

@Suite struct LockedTests {
    private enum Refusal: Error {
        case busy
    }

    @Test func `many at once lose no addition`() async {
        let total = Locked(0)
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<2_000 { total.withLock { $0 += 1 } }
                }
            }
        }
        #expect(total.withLock { $0 } == 16_000)
    }

    @Test func `a thrown error passes, typed, and the lock is free again`() {
        let state = Locked([1])
        do throws(Refusal) {
            try state.withLock { (list: inout [Int]) throws(Refusal) in
                list.append(2)
                throw .busy
            }
            Issue.record("the error was swallowed")
        } catch {
            #expect(error == .busy)
        }
        #expect(state.withLock { $0 } == [1, 2])
    }
}
