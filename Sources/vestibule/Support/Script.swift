// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import VestibuleClient
import VestibuleEventLoop

/// An order that was not carried out, and why.
struct OrderFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// What a script waits for.
enum Wait: Sendable {
    case time(Duration)
    case mark(Stage.Mark)

    /// `wait 5`, `wait active`.
    init(_ word: String) throws(OrderFailure) {
        if let seconds = Double(word), (0...86_400).contains(seconds) {
            self = .time(.milliseconds(Int(seconds * 1_000)))
        } else if let mark = Stage.Mark.ofCalls.first(where: { $0.rawValue == word }) {
            self = .mark(mark)
        } else {
            let marks = Stage.Mark.ofCalls.map(\.rawValue).joined(separator: ", ")
            throw OrderFailure("`wait` takes seconds or one of \(marks), not \(word)")
        }
    }

    /// Waits, for a mark at most `patience`.
    func run(on stage: Stage, patience: Double) async throws {
        switch self {
        case .time(let time): try await Task.sleep(for: time)
        case .mark(let mark):
            let limit = Duration.milliseconds(Int(patience * 1_000))
            switch try await within(limit, { await stage.wait(for: mark) }) {
            case .reached: break
            case .hopeless(let reason): throw OrderFailure(reason)
            case .cancelled, nil:
                throw OrderFailure("not \(mark.rawValue) within \(patience) s")
            }
        }
    }
}

/// A client's orders, given with `--do` or read line by line from stdin.
struct Script<Order: Sendable>: Sendable {
    typealias Parse = @Sendable (_ verb: String, _ rest: String) throws -> Order

    /// Nil: from stdin.
    private let given: [(text: String, order: Order)]?
    private let parse: Parse

    /// Reads the orders of `--do` whole; throws an ``OrderFailure`` for one that is none.
    init(_ text: String?, parse: @escaping Parse) throws {
        self.parse = parse
        given = try text.map { text in
            try Self.untilQuit(text.split(separator: ";").map(String.init)).map {
                ($0, try Self.order($0, parse))
            }
        }
    }

    /// Carries the orders out, one after the other, until `quit` or their end.
    ///
    /// The first order of `--do` that fails ends it with an ``OrderFailure``; on stdin somebody
    /// reads the reason and goes on.
    func run(_ perform: (Order) async throws -> Void) async throws {
        guard let given else { return await obeyStdin(perform) }
        for (text, order) in given {
            do { try await perform(order) } catch {
                throw OrderFailure("\(text): \(Words.of(error))")
            }
        }
    }

    private func obeyStdin(_ perform: (Order) async throws -> Void) async {
        for await line in Self.stdin() {
            let words = Self.split(line)
            if words.verb.isEmpty { continue }
            if words.verb == "quit" { return }
            do { try await perform(try parse(words.verb, words.rest)) } catch {
                Console.note(Words.of(error))
            }
        }
    }

    private static func stdin() -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream<String>.makeStream()
        let reader = Worker(name: "stdin", capacity: 1)
        _ = reader.submit {
            while let line = readLine() { continuation.yield(line) }
            continuation.finish()
        }
        continuation.onTermination = { [reader] _ in _ = reader }
        return stream
    }

    private static func untilQuit(_ texts: [String]) -> [String] {
        let texts = texts.map { $0.trimmed }.filter { !$0.isEmpty }
        return Array(texts.prefix { $0 != "quit" })
    }

    private static func order(_ text: String, _ parse: Parse) throws -> Order {
        let words = split(text)
        return try parse(words.verb, words.rest)
    }

    private static func split(_ line: String) -> (verb: String, rest: String) {
        let line = line.trimmed
        let verb = String(line.prefix { !$0.isWhitespace })
        return (verb, String(line.dropFirst(verb.count)).trimmed)
    }
}

extension String {
    /// Without blanks at either end.
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}

/// What `body` answers; nil if it takes longer than `limit`, and then it is cancelled.
func within<Result: Sendable>(
    _ limit: Duration,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result? {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        let first = try await group.next()
        group.cancelAll()
        return first ?? nil
    }
}
