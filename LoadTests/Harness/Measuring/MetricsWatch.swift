// SPDX-License-Identifier: Apache-2.0

import CVestibuleEpoll
import CVestibuleSupport
import Glibc
import VestibuleBasics

/// Reads the server's `/metrics` every few seconds of a run, and keeps the pages as they came.
///
/// It costs the generator a connection and a few system calls, nothing is taken apart before the run
/// is over; it costs the server a page of text.
final class MetricsWatch: EpollTimer {
    /// A page and when it was asked for.
    struct Reading {
        let second: Double
        let took: Duration
        let bytes: [UInt8]
    }

    static let every = Duration.seconds(2)

    /// Between two looks whether more has come.
    private static let patience = Duration.milliseconds(10)

    /// A page that takes longer is none.
    private static let most = Duration.seconds(5)

    private(set) var readings: [Reading] = []

    private let address: EpollAddress
    private let start: Moment
    private var slot: Int32 = -1
    private var next: Moment
    private var asked: Moment
    private var descriptor: Int32 = -1
    private var tls: TLSLink?

    /// Bytes of the question that the other side was not given yet.
    private var question: ArraySlice<UInt8> = []
    private var page: [UInt8] = []

    /// Begins at once; the loop keeps it.
    init(on loop: EpollLoop, from address: EpollAddress, start: Moment) {
        self.address = address
        self.start = start
        next = loop.now + Self.every
        asked = loop.now
        slot = loop.add(self)
        loop.arm(slot, at: next)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func due(at now: Moment, on loop: EpollLoop) {
        if descriptor < 0 {
            connect(at: now)
        } else if isOver(at: now, with: loop) {
            giveUp()
        }
        while next <= now { next = next + Self.every }
        loop.arm(slot, at: descriptor < 0 ? next : now + Self.patience)
    }

    private func connect(at now: Moment) {
        asked = now
        page.removeAll(keepingCapacity: true)
        descriptor = vestibule_socket(address.family, 0)
        guard descriptor >= 0 else { return }
        // On loopback a connection stands at once; what does not is asked again next time.
        let status = address.withSockaddr { Glibc.connect(descriptor, $0, $1) }
        if status != 0, errno != EINPROGRESS { return giveUp() }
        tls = address.tls?.link(descriptor: descriptor, address: address.host)
        if (tls == nil) != (address.tls == nil) { return giveUp() }
        let words = "GET /metrics HTTP/1.1\r\nHost: \(address.text)\r\nConnection: close\r\n\r\n"
        question = Array(words.utf8)[...]
        if ask() == false { giveUp() }
    }

    private func giveUp() {
        tls = nil
        close(descriptor)
        descriptor = -1
    }

    /// Shakes hands and asks, as far as it goes now: true once all is asked, nil for later, false
    /// where it cannot be.
    private func ask() -> Bool? {
        guard !question.isEmpty else { return true }
        if let tls {
            switch tls.handshake() {
            case .done: break
            case .later: return nil
            case .over: return false
            }
        }
        let sent = question.withUnsafeBytes { bytes -> Int in
            guard let tls else { return vestibule_send(descriptor, bytes.baseAddress, bytes.count) }
            guard case .done(let count) = tls.write(bytes) else { return 0 }
            return count
        }
        if sent < 0 { return errno == EAGAIN ? nil : false }
        question = question.dropFirst(sent)
        return question.isEmpty ? true : nil
    }

    /// Takes what has come, into the loop's own block; true at the page's end, or where none comes.
    private func isOver(at now: Moment, with loop: EpollLoop) -> Bool {
        guard let isAsked = ask() else { return now - asked > Self.most }
        guard isAsked else { return true }
        while true {
            switch read(into: loop.scratch) {
            case .done(let count):
                page.append(contentsOf: UnsafeRawBufferPointer(loop.scratch)[..<count])
            case .over:
                let second = Double((asked - start).nanoseconds) / 1e9
                readings.append(Reading(second: second, took: now - asked, bytes: page))
                return true
            case .later: return now - asked > Self.most
            }
        }
    }

    /// The server closes at the page's end; one that is cut off is no page to whoever reads it.
    private func read(into place: UnsafeMutableRawBufferPointer) -> TLSLink.Outcome {
        if let tls { return tls.read(into: place) }
        let count = recv(descriptor, place.baseAddress, place.count, 0)
        if count > 0 { return .done(count) }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? .later : .over
    }
}

// MARK: - After the run

extension MetricsWatch {
    /// The pages that could be read.
    var pages: [(second: Double, metrics: ServerMetrics)] {
        readings.compactMap { reading in
            ServerMetrics(answer: reading.bytes).map { (second: reading.second, metrics: $0) }
        }
    }

    /// From asking for a page to its end, on average; nil where none came.
    var meanMicroseconds: Int? {
        guard !readings.isEmpty else { return nil }
        let sum = readings.reduce(0) { $0 + $1.took.nanoseconds }
        return Int(sum / Int64(readings.count) / 1_000)
    }
}
