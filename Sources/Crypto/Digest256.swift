// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL

/// 32 bytes of SHA-256 or HMAC-SHA-256, held in place: no allocation, usable as a key.
///
/// `==` compares in an amount of time that tells how much was equal. That is right for looking a
/// credential up by the hash of what a client sent; for comparing signatures use ``matches(_:)``.
package struct Digest256: Hashable, Sendable {
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// Takes 32 bytes over, as a store gives them back; nil if there are more or fewer.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
        self.init(words)
    }

    private init(_ words: (UInt64, UInt64, UInt64, UInt64)) {
        (first, second, third, fourth) = words
    }

    /// The 32 bytes.
    package var bytes: [UInt8] { withBytes { [UInt8]($0) } }

    /// The 32 bytes without a copy to the heap.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: (first, second, third, fourth), body)
    }

    /// Whether both are equal, in the same time whatever they hold.
    package func matches(_ other: Digest256) -> Bool {
        let difference =
            (first ^ other.first) | (second ^ other.second) | (third ^ other.third)
            | (fourth ^ other.fourth)
        return difference == 0
    }
}

extension Digest256 {
    /// SHA-256 (FIPS 180-4) of `bytes`.
    package static func sha256(of bytes: some Sequence<UInt8>) -> Digest256 {
        withContiguous(bytes) { input in
            make { output in
                EVP_Digest(input.baseAddress, input.count, output, nil, EVP_sha256(), nil) == 1
            }
        }
    }

    /// SHA-256 of the UTF-8 of `text`.
    package static func sha256(of text: String) -> Digest256 { sha256(of: text.utf8) }

    /// HMAC-SHA-256 (RFC 2104) of `bytes` under `key`.
    package static func hmac(of bytes: some Sequence<UInt8>, key: [UInt8]) -> Digest256 {
        withContiguous(bytes) { input in
            make { output in
                // OpenSSL reads a null key as "the key of last time".
                let key = key.isEmpty ? [0] : key
                return HMAC(
                    EVP_sha256(),
                    key,
                    Int32(key.count),
                    input.baseAddress,
                    input.count,
                    output,
                    nil
                ) != nil
            }
        }
    }

    private static func make(_ fill: (UnsafeMutablePointer<UInt8>) -> Bool) -> Digest256 {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        let done = withUnsafeMutableBytes(of: &words) { buffer in
            buffer.withMemoryRebound(to: UInt8.self) { bytes in
                bytes.baseAddress.map(fill) ?? false
            }
        }
        precondition(done, "OpenSSL's SHA-256 fails only when it is out of memory")
        return Digest256(words)
    }
}

extension Digest256: CustomStringConvertible {
    /// The first eight hexadecimal digits, for logs.
    package var description: String { String(hex.prefix(8)) }

    /// All 64 hexadecimal digits.
    package var hex: String {
        let digits = [UInt8]("0123456789abcdef".utf8)
        return withBytes { bytes in
            String(
                decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
                as: UTF8.self
            )
        }
    }
}

/// Runs `body` with the bytes in one piece; copies only what is not in one piece already.
private func withContiguous<Result>(
    _ bytes: some Sequence<UInt8>,
    _ body: (UnsafeBufferPointer<UInt8>) -> Result
) -> Result {
    bytes.withContiguousStorageIfAvailable(body) ?? [UInt8](bytes).withUnsafeBufferPointer(body)
}
