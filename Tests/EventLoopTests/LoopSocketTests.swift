// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing
import VestibuleBasics
import VestibuleEventLoop

/// One end of a pair of sockets on a loop, which notes what it is told; on the loop only.
private final class End: LoopSocket, @unchecked Sendable {
    let descriptor: Int32
    let other: Int32
    var whenReady: (Readiness) -> Void = { _ in }

    override init() {
        var pair: [Int32] = [0, 0]
        let failure = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
        precondition(failure == 0, "the system has sockets")
        (descriptor, other) = (pair[0], pair[1])
        super.init()
    }

    deinit {
        close(descriptor)
        close(other)
    }

    override func ready(_ readiness: Readiness) { whenReady(readiness) }

    func read() -> String {
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    }

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        send(other, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}

/// The notes of a test, in order.
private final class Hearing: @unchecked Sendable {
    private var iterator: AsyncStream<String>.Iterator

    init(_ stream: AsyncStream<String>) {
        iterator = stream.makeAsyncIterator()
    }

    func next() async -> String? { await iterator.next(isolation: #isolation) }
}

@Suite(.timeLimit(.minutes(1)))
struct LoopSocketTests {
    @Test func `a socket is told of bytes, of room and of the end`() async throws {
        let end = End()
        let (stream, notes) = AsyncStream<String>.makeStream()
        let heard = Hearing(stream)
        try await withLoop { loop in
            try await loop.run {
                end.whenReady = { readiness in
                    if readiness.contains(.readable) { notes.yield("read \(end.read())") }
                    if readiness.contains(.writable) {
                        notes.yield("room")
                        loop.watch(end, descriptor: end.descriptor, anew: .readable)
                    }
                }
                #expect(loop.watch(end, descriptor: end.descriptor))
            }
            end.write("hello")
            #expect(await heard.next() == "read hello")
            try await loop.run {
                loop.watch(end, descriptor: end.descriptor, anew: [.readable, .writable])
            }
            #expect(await heard.next() == "room")
            shutdown(end.other, Int32(SHUT_WR))
            #expect(await heard.next() == "read ")
            try await loop.run { loop.unwatch(end, descriptor: end.descriptor) }
        }
    }

    @Test func `one that is taken off by another of the same turn hears nothing more`() async throws
    {
        let ends = (0..<8).map { _ in End() }
        let told = Notes<Int>()
        try await withLoop { loop in
            try await loop.run {
                for (index, end) in ends.enumerated() {
                    end.whenReady = { _ in
                        told.add(index)
                        for end in ends { loop.unwatch(end, descriptor: end.descriptor) }
                    }
                    #expect(loop.watch(end, descriptor: end.descriptor))
                    end.write("all at once")
                }
            }
            try await loop.run {}
            try await loop.run {}
            #expect(told.all.count == 1)
        }
    }

    @Test func `a loop ends when its sockets are off it, not before`() async throws {
        let end = End()
        let (stream, notes) = AsyncStream<String>.makeStream()
        let heard = Hearing(stream)
        let loop = try EventLoop(name: "test")
        loop.start()
        try await loop.run {
            end.whenReady = { _ in notes.yield("read \(end.read())") }
            #expect(loop.watch(end, descriptor: end.descriptor))
        }
        let wakes = loop.wakes
        let stopping = Task {
            await loop.stop()
            notes.yield("stopped")
        }
        // It has been told to stop, and has had turns to do so.
        try await withLoop { other in
            while loop.wakes == wakes { try await other.run {} }
        }
        for _ in 0..<10 { try await loop.run {} }
        end.write("still here")
        #expect(await heard.next() == "read still here")
        try await loop.run { loop.unwatch(end, descriptor: end.descriptor) }
        #expect(await heard.next() == "stopped")
        await stopping.value
    }

    @Test func `a slot is used again, and what is old reaches nobody`() async throws {
        let (left, right, heir) = (End(), End(), End())
        let told = Notes<String>()
        try await withLoop { loop in
            try await loop.run {
                heir.whenReady = { _ in told.add("heir \(heir.read())") }
                // Whoever is told first: the other's event waits to be told in the same turn.
                for (end, other) in [(left, right), (right, left)] {
                    end.whenReady = { _ in
                        told.add("first \(end.read())")
                        loop.unwatch(other, descriptor: other.descriptor)
                        // Its slot is the first to be lent again.
                        #expect(loop.watch(heir, descriptor: heir.descriptor))
                    }
                    #expect(loop.watch(end, descriptor: end.descriptor))
                    end.write("at once")
                }
            }
            try await loop.run {}
            try await loop.run {}
            heir.write("mine")
            while told.all.count < 2 { try await loop.run {} }
            #expect(told.all == ["first at once", "heir mine"])
            try await loop.run {
                for end in [left, right, heir] { loop.unwatch(end, descriptor: end.descriptor) }
            }
        }
    }

    @Test func `the front row is told in every turn, of the back row some`() async throws {
        let (crowd, star) = ((0..<200).map { _ in End() }, End())
        let told = Notes<Int>()
        let (stream, notes) = AsyncStream<String>.makeStream()
        let heard = Hearing(stream)
        try await withLoop { loop in
            try await loop.run {
                for end in crowd + [star] {
                    #expect(loop.watch(end, descriptor: end.descriptor))
                    // Nobody reads, so that all of the crowd is told of again and again.
                    end.write("here")
                }
                for end in crowd { end.whenReady = { _ in told.add(0) } }
                star.whenReady = { _ in
                    _ = star.read()
                    notes.yield("\(told.all.count)")
                }
                loop.move(star, descriptor: star.descriptor, toFront: true)
            }
            // First, though it was the last of two hundred.
            #expect(await heard.next() == "0")
            try await loop.run {
                let before = told.all.count
                star.write("again")
                star.whenReady = { _ in
                    _ = star.read()
                    notes.yield("\(told.all.count - before)")
                }
            }
            #expect(await heard.next() == "0")
            try await loop.run {
                loop.move(star, descriptor: star.descriptor, toFront: false)
                star.whenReady = { _ in notes.yield(star.read()) }
                star.write("from the back")
            }
            #expect(await heard.next() == "from the back")
            try await loop.run {
                for end in crowd + [star] { loop.unwatch(end, descriptor: end.descriptor) }
            }
        }
    }

    @Test func `what is asked for goes along to the other row`() async throws {
        let end = End()
        let (stream, notes) = AsyncStream<String>.makeStream()
        let heard = Hearing(stream)
        try await withLoop { loop in
            try await loop.run {
                end.whenReady = { readiness in
                    guard readiness.contains(.writable) else { return }
                    notes.yield("room")
                    loop.watch(end, descriptor: end.descriptor, anew: .readable)
                }
                #expect(loop.watch(end, descriptor: end.descriptor))
                loop.watch(end, descriptor: end.descriptor, anew: [.readable, .writable])
                loop.move(end, descriptor: end.descriptor, toFront: true)
            }
            #expect(await heard.next() == "room")
            try await loop.run { loop.unwatch(end, descriptor: end.descriptor) }
        }
    }
}
