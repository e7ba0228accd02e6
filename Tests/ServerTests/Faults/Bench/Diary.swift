// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop

/// Everything that a client's program was told, in order; tests wait until it says what they want.
final class Diary<Entry: Sendable>: Sendable {
    private struct Reader {
        /// True where it found what it looks for.
        let look: @Sendable ([Entry]) -> Bool
        let fail: @Sendable ([Entry]) -> Void
    }

    private struct Pages {
        var entries: [Entry] = []
        var readers: [Int: Reader] = [:]
        var lastReader = 0
    }

    private let pages = Locked(Pages())
    private let loop: EventLoop

    /// `loop` keeps the time of whoever waits.
    init(_ loop: EventLoop) {
        self.loop = loop
    }

    var entries: [Entry] { pages.withLock { $0.entries } }

    func write(_ entry: Entry) {
        pages.withLock { pages in
            pages.entries.append(entry)
            for (number, reader) in pages.readers where reader.look(pages.entries) {
                pages.readers[number] = nil
            }
        }
    }

    /// Waits until `pick` finds something in all that was written.
    func tells<Found: Sendable>(
        _ what: String,
        within patience: Duration = .seconds(20) * TestTimes.factor,
        _ pick: @escaping @Sendable ([Entry]) -> Found?
    ) async throws -> Found {
        try await withThrowingHandoff { handoff in
            let number = pages.withLock { pages -> Int? in
                if let found = pick(pages.entries) {
                    handoff.resume(returning: found)
                    return nil
                }
                pages.lastReader += 1
                pages.readers[pages.lastReader] = Reader(
                    look: { entries in
                        guard let found = pick(entries) else { return false }
                        handoff.resume(returning: found)
                        return true
                    },
                    fail: { entries in
                        let last = entries.suffix(12).map { "\($0)" }.joined(separator: "\n  ")
                        handoff.resume(
                            throwing: Disappointment("\(what) was never told; the last:\n  \(last)")
                        )
                    }
                )
                return pages.lastReader
            }
            if let number { giveUp(number, after: patience) }
        }
    }

    private func giveUp(_ number: Int, after patience: Duration) {
        loop.submit {
            _ = self.loop.schedule(after: patience) {
                let (reader, entries) = self.pages.withLock { pages in
                    (pages.readers.removeValue(forKey: number), pages.entries)
                }
                reader?.fail(entries)
            }
        }
    }
}
