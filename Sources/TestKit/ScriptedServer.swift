// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleBasics
import VestibuleEventLoop

/// An HTTP/1.1 server on a port of 127.0.0.1 that answers as a test tells it to, rightly or wrongly.
///
/// A thread for each connection: for tests only, and independent of the server under test.
package final class ScriptedServer: Sendable {
    /// A request as it arrived.
    package struct Request: Sendable {
        package var method = ""
        package var path = ""
        package var fields: [(name: String, value: String)] = []
        package var body: [UInt8] = []

        /// The first value of a field, whatever the case of its name.
        package func field(_ name: String) -> String? {
            fields.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    /// What to do with a request.
    package enum Reply: Sendable {
        case answer(Int, fields: [(name: String, value: String)] = [], body: [UInt8] = [])

        /// Exactly these bytes.
        case raw([UInt8])

        /// Nothing, until the client goes away.
        case hang

        /// Close the connection.
        case drop
    }

    private struct State {
        var requests: [Request] = []
        var connections = 0
        var closed = 0
        var open: Set<Int32> = []
        var workers: [Worker] = []
        var isStopped = false
        var waiters: [(isMet: @Sendable (State) -> Bool, Handoff<Void, Never>)] = []
    }

    private let listener: Int32
    private let script: @Sendable (Request) -> Reply
    private let acceptor = Worker(name: "scripted", capacity: 1)
    private let state = Locked(State())

    /// The port it listens on.
    package let port: UInt16

    /// Listens at once.
    package init(_ script: @escaping @Sendable (Request) -> Reply) {
        self.script = script
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 256) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        precondition(isListening, "a test needs a port on 127.0.0.1")
        port = UInt16(bigEndian: address.sin_port)
        let isTaken = acceptor.submit { [weak self] in Self.accept(descriptor) { self?.serve($0) } }
        precondition(isTaken, "a fresh worker takes a job")
    }

    /// The requests so far.
    package var requests: [Request] { state.withLock { $0.requests } }

    /// Connections so far.
    package var connections: Int { state.withLock { $0.connections } }

    /// Returns once that many requests have arrived.
    package func requested(_ count: Int) async {
        await reached { $0.requests.count >= count }
    }

    /// Returns once that many connections were made and have ended.
    package func ended(_ count: Int) async {
        await reached { $0.closed >= count }
    }

    /// Closes everything; again does no harm.
    package func stop() async {
        let isFirst = state.withLock { state in
            defer { state.isStopped = true }
            return !state.isStopped
        }
        // A second close would hit whoever has the descriptor's number by then.
        guard isFirst else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        await acceptor.stop()
        let workers = state.withLock { state in
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
            return state.workers
        }
        for worker in workers { await worker.stop() }
        close(listener)
    }

    private func reached(_ isMet: @escaping @Sendable (State) -> Bool) async {
        await withHandoff { continuation in
            change { $0.waiters.append((isMet, continuation)) }
        }
    }

    /// Changes the state, and lets those go on who waited for what it is now.
    private func change(_ body: (inout State) -> Void) {
        let met = state.withLock { state in
            body(&state)
            let waiters = state.waiters
            let left = waiters.filter { !$0.isMet(state) }
            state.waiters = left
            return waiters.filter { $0.isMet(state) }.map(\.1)
        }
        for continuation in met { continuation.resume() }
    }

    private static func accept(_ listener: Int32, _ serve: (Int32) -> Void) {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor >= 0 {
                serve(descriptor)
            } else if errno != EINTR && errno != ECONNABORTED {
                return
            }
        }
    }

    private func serve(_ descriptor: Int32) {
        let worker = Worker(name: "scripted-\(descriptor)", capacity: 1)
        state.withLock { state in
            state.connections += 1
            state.open.insert(descriptor)
            state.workers.append(worker)
            if state.isStopped { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        let isTaken = worker.submit { [self] in
            var connection = Connection(descriptor: descriptor)
            while let request = connection.next() {
                change { $0.requests.append(request) }
                guard connection.reply(script(request)) else { break }
            }
            change { $0.open.remove(descriptor) }
            close(descriptor)
            change { $0.closed += 1 }
        }
        precondition(isTaken, "a fresh worker takes a job")
    }
}

/// One connection, read and written by its own thread.
private struct Connection {
    let descriptor: Int32
    var held: [UInt8] = []

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Reads the next request; nil at the end.
    mutating func next() -> ScriptedServer.Request? {
        let end: [UInt8] = [13, 10, 13, 10]
        while held.firstRange(of: end) == nil { guard fill() else { return nil } }
        guard let range = held.firstRange(of: end) else { return nil }
        let head = String(decoding: held[..<range.lowerBound], as: UTF8.self)
        held.removeSubrange(..<range.upperBound)
        var request = Self.read(head)
        let length = request.field("content-length").flatMap { Int($0) } ?? 0
        while held.count < length { guard fill() else { return nil } }
        request.body = Array(held.prefix(length))
        held.removeFirst(length)
        return request
    }

    /// Does what the script says; false if the connection ends with it.
    mutating func reply(_ reply: ScriptedServer.Reply) -> Bool {
        switch reply {
        case .answer(let status, let fields, let body):
            var text = "HTTP/1.1 \(status) Scripted\r\nContent-Length: \(body.count)\r\n"
            for field in fields { text += "\(field.name): \(field.value)\r\n" }
            return write(Array((text + "\r\n").utf8) + body)
        case .raw(let bytes): return write(bytes)
        case .hang:
            while fill() {}
            return false
        case .drop: return false
        }
    }

    private static func read(_ head: String) -> ScriptedServer.Request {
        var request = ScriptedServer.Request()
        let lines = head.split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        if words.count == 3 {
            (request.method, request.path) = (String(words[0]), String(words[1]))
        }
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            request.fields.append((String(line[..<colon]), String(value)))
        }
        return request
    }

    private mutating func fill() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        held.append(contentsOf: buffer[..<count])
        return true
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
