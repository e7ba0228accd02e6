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
            ask(at: now)
        } else if isWhole(at: now, with: loop) {
            close(descriptor)
            descriptor = -1
        }
        while next <= now { next = next + Self.every }
        loop.arm(slot, at: descriptor < 0 ? next : now + Self.patience)
    }

    private func ask(at now: Moment) {
        asked = now
        page.removeAll(keepingCapacity: true)
        descriptor = vestibule_socket(address.family, 0)
        guard descriptor >= 0 else { return }
        // On loopback a connection stands at once; what does not is asked again next time.
        let status = address.withSockaddr { connect(descriptor, $0, $1) }
        if status != 0, errno != EINPROGRESS { return giveUp() }
        let words = "GET /metrics HTTP/1.1\r\nHost: \(address.text)\r\nConnection: close\r\n\r\n"
        let sent = Array(words.utf8).withUnsafeBytes {
            vestibule_send(descriptor, $0.baseAddress, $0.count)
        }
        if sent != words.utf8.count { giveUp() }
    }

    private func giveUp() {
        close(descriptor)
        descriptor = -1
    }

    /// Takes what has come, into the loop's own block; true at the page's end.
    private func isWhole(at now: Moment, with loop: EpollLoop) -> Bool {
        while true {
            let count = recv(descriptor, loop.scratch.baseAddress, loop.scratch.count, 0)
            if count > 0 {
                page.append(contentsOf: UnsafeRawBufferPointer(loop.scratch)[..<count])
            } else if count == 0 {
                let second = Double((asked - start).nanoseconds) / 1e9
                readings.append(Reading(second: second, took: now - asked, bytes: page))
                return true
            } else {
                return errno != EAGAIN && errno != EINTR || now - asked > Self.most
            }
        }
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
