// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// The first line of a request, compared as libwebsockets reads it: decoded and normalised.
enum RequestLine {
    /// Whether bytes are the request's own line, as much of it as they hold.
    static func begins(_ bytes: UnsafeRawBufferPointer, _ request: WebRequest) -> Bool {
        let line = bytes.prefix { $0 != 13 }
        let isWhole = line.count < bytes.count
        let words = line.split(separator: 32, omittingEmptySubsequences: false)
        let method = Array(request.method.rawValue.utf8)
        guard let first = words.first, words.count <= 3 else { return false }
        guard words.count > 1 else { return !isWhole && method.starts(with: first) }
        let target = segments(words[1].prefix { $0 != UInt8(ascii: "?") })
        let path = segments(Array(request.path.utf8)[...])
        guard first.elementsEqual(method), words[1].first ?? 47 == 47 else { return false }
        if words.count == 2 { return !isWhole && starts(path, with: target) }
        let version = Array("HTTP/1.".utf8)
        return target == path
            && (isWhole ? words[2].starts(with: version) : zip(words[2], version).allSatisfy(==))
    }

    /// Whether a path begins with another whose last segment may be cut.
    private static func starts(_ path: [[UInt8]], with cut: [[UInt8]]) -> Bool {
        guard let last = cut.last else { return true }
        guard cut.count <= path.count else { return false }
        return path.prefix(cut.count - 1).elementsEqual(cut.dropLast())
            && path[cut.count - 1].starts(with: last)
    }

    /// The segments of a path, percent-decoded, without empty ones and dots.
    private static func segments(_ path: some Collection<UInt8>) -> [[UInt8]] {
        var segments: [[UInt8]] = []
        for segment in decoded(path).split(separator: UInt8(ascii: "/")) {
            switch Array(segment) {
            case Array(".".utf8): break
            case Array("..".utf8): segments = segments.dropLast()
            case let other: segments.append(other)
            }
        }
        return segments
    }

    private static func decoded(_ text: some Collection<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var digits: [UInt8]?
        for byte in text {
            if var seen = digits {
                seen.append(byte)
                digits = seen
                guard seen.count == 2 else { continue }
                if let value = UInt8(String(decoding: seen, as: UTF8.self), radix: 16) {
                    bytes.append(value)
                }
                digits = nil
            } else if byte == UInt8(ascii: "%") {
                digits = []
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}
