// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleWire

/// Golden bytes bent at random: nothing may trap, and what is taken must be writable and read again.
@Suite struct MutationTests {
    static let texts: [[UInt8]] =
        ClientVector.all.map { Array($0.json.utf8) } + ServerVector.all.map { Array($0.json.utf8) }

    static let frames = MediaFaultTests.rows.map(\.frame).filter { $0.count < 5000 }

    @Test(.timeLimit(.minutes(5)), arguments: UInt64(1)...10)
    func `ten thousand bent messages a seed trap nothing`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<10_000 {
            let bytes = bent(Self.texts[round % Self.texts.count], &random)
            if case .success(let message) = ClientMessage.decode(bytes) {
                #expect(ClientMessage.decode(message.encoded()) == .success(message))
            }
            if case .success(let message) = ServerMessage.decode(bytes) {
                #expect(comparable(ServerMessage.decode(message.encoded())))
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: UInt64(1)...10)
    func `ten thousand bent frames a seed trap nothing`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<10_000 {
            let bytes = bent(Self.frames[round % Self.frames.count], &random)
            bytes.withUnsafeBytes { frame in
                _ = ReceiverReport(frame)
                _ = Opus.inspect(frame)
                _ = VP8.inspect(frame)
                if case .success(let header) = inspectMedia(frame) {
                    #expect(header.frame(MediaHeader.payload(of: frame)) == bytes)
                }
            }
        }
    }

    /// A word that was unknown is written as `unknown`, so only that it reads again is asked for.
    private func comparable(_ result: Result<ServerMessage, MessageFault>) -> Bool {
        if case .success = result { true } else { false }
    }

    private func bent(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where place < bytes.count:
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1 where place < bytes.count:
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2:
                bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 3 where place < bytes.count:
                bytes.remove(at: place)
            case 4:
                bytes.removeLast(min(bytes.count, Int.random(in: 0...8, using: &random)))
            default:
                // Numbers, brackets and quotes reach further into a parser than noise does.
                let snippet = Self.snippets[Int.random(in: 0..<Self.snippets.count, using: &random)]
                bytes.insert(contentsOf: snippet.utf8, at: place)
            }
        }
        return bytes
    }

    static let snippets = [
        "\"", "{", "}", "[", "]", ":", ",", "null", "-", "9999999999999999999", "1e999", "\\u0000",
        "\\ud800", "\\", "true", "\"id\":", "{\"type\":\"ping\"}", "\u{FEFF}", "-0", "1.5",
    ]
}
