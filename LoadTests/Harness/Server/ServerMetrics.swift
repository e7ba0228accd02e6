// SPDX-License-Identifier: Apache-2.0

import CVestibuleEpoll
import Foundation
import Glibc

/// The counters of a server as `/metrics` gives them (Prometheus text, exposition format 0.0.4).
package struct ServerMetrics {
    /// Family → labels as they stand → value.
    private var families: [String: [String: Double]] = [:]

    /// Fetches them over a connection of its own, blocking: outside of what is measured.
    init(from address: EpollAddress) throws(LoadFailure) {
        self.init(page: try Self.get("/metrics", from: address))
    }

    /// Reads an answer of HTTP; nil where it holds no page.
    init?(answer bytes: [UInt8]) {
        let answer = String(decoding: bytes, as: UTF8.self)
        guard answer.hasPrefix("HTTP/1.1 200"), let end = answer.range(of: "\r\n\r\n") else {
            return nil
        }
        self.init(page: String(answer[end.upperBound...]))
    }

    /// Reads a page.
    package init(page: String) {
        for line in page.split(separator: "\n") where !line.hasPrefix("#") {
            let end = line.lastIndex(of: " ") ?? line.startIndex
            guard let value = Double(line[end...].dropFirst()) else { continue }
            let series = line[..<end]
            let open = series.firstIndex(of: "{") ?? series.endIndex
            families[String(series[..<open]), default: [:]][String(series[open...])] = value
        }
    }

    /// The sum of the series of a family whose labels hold all of these.
    func sum(_ family: String, _ labels: [String: String] = [:]) -> Int {
        Int(series(family, labels).values.reduce(0, +))
    }

    /// The series of a family whose labels hold all of these, by their labels.
    func series(_ family: String, _ labels: [String: String]) -> [String: Double] {
        let wanted = labels.map { "\($0.key)=\"\($0.value)\"" }
        return (families[family] ?? [:]).filter { series in
            wanted.allSatisfy { series.key.contains($0) }
        }
    }

    /// The largest value of a family; nil where the page has none.
    package func most(_ family: String) -> Double? { families[family]?.values.max() }

    /// The largest of several pages: a gauge that tells of the time since it was read last, or of
    /// the last seconds, tells of all only where all who read it are asked.
    package static func most(_ family: String, in pages: [ServerMetrics]) -> Double? {
        pages.compactMap { $0.most(family) }.max()
    }

    /// The values of one label among the series of a family.
    func values(of label: String, in family: String) -> Set<String> {
        let marker = "\(label)=\""
        return Set(
            (families[family] ?? [:]).keys.compactMap { series in
                guard let start = series.range(of: marker)?.upperBound else { return nil }
                return String(series[start...].prefix { $0 != "\"" })
            }
        )
    }

    private static func get(
        _ path: String,
        from address: EpollAddress
    ) throws(LoadFailure)
        -> String
    {
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .system("socket", errno) }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        guard address.withSockaddr({ connect(descriptor, $0, $1) }) == 0 else {
            throw .system("connect to \(address.text)", errno)
        }
        let tls = address.tls?.link(descriptor: descriptor, address: address.host)
        if let tls, tls.handshake() == .over {
            throw .program("TLS with \(address.text): \(tls.complaint)", log: "")
        }
        let request = "GET \(path) HTTP/1.1\r\nHost: \(address.text)\r\nConnection: close\r\n\r\n"
        guard write(request, to: descriptor, tls) else { throw .system("ask for \(path)", errno) }
        return try body(of: path, from: descriptor, tls)
    }

    private static func write(_ text: String, to descriptor: Int32, _ tls: TLSLink?) -> Bool {
        guard let tls else {
            return send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) > 0
        }
        return Array(text.utf8).withUnsafeBytes { tls.write($0) == .done($0.count) }
    }

    /// What came; 0 at the end, less where it failed.
    private static func read(
        _ place: UnsafeMutableRawBufferPointer,
        from descriptor: Int32,
        _ tls: TLSLink?
    ) -> Int {
        guard let tls else { return recv(descriptor, place.baseAddress, place.count, 0) }
        return switch tls.read(into: place) {
        case .done(let count): count
        case .later: -1
        // The server closes with its answer: what is missing is seen by who reads it.
        case .over: 0
        }
    }

    private static func body(
        of path: String,
        from descriptor: Int32,
        _ tls: TLSLink?
    ) throws(LoadFailure) -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = piece.withUnsafeMutableBytes { read($0, from: descriptor, tls) }
            guard count >= 0 else { throw .system("read \(path)", errno) }
            if count == 0 { break }
            bytes += piece[..<count]
        }
        let answer = String(decoding: bytes, as: UTF8.self)
        guard answer.hasPrefix("HTTP/1.1 200"), let end = answer.range(of: "\r\n\r\n") else {
            let line = answer.prefix { !$0.isNewline }
            throw .program("\(path) answers: \(line)", log: "")
        }
        return String(answer[end.upperBound...])
    }
}
