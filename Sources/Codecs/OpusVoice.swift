// SPDX-License-Identifier: Apache-2.0

internal import CVestibuleOpus

/// The one shape of voice in a call: 48 kHz, one channel, packets of 20 ms.
package enum Voice {
    /// Samples a second.
    package static let rate = 48_000

    /// Samples in one packet of 20 ms.
    package static let packet = 960

    /// Samples that the encoder looks ahead, and a player skips at the start (RFC 7845 §5.1).
    package static let preSkip = 312
}

/// Encodes one voice to Opus packets of 20 ms (RFC 6716).
///
/// One user at a time, on a worker, never on an event loop: a packet takes 0.2–0.4 ms.
package final class OpusVoiceEncoder {
    private let encoder: OpaquePointer

    /// An encoder for one voice.
    ///
    /// - Parameters:
    ///   - bitrate: bit/s, 6,000 to 256,000; a packet is a fiftieth of it on average.
    ///   - isConstant: makes every packet exactly that long.
    /// - Throws: ``CodecError/library(operation:code:)``.
    package init(bitrate: Int, isConstant: Bool = false) throws(CodecError) {
        precondition((6_000...256_000).contains(bitrate), "Opus speaks 6 to 256 kbit/s a voice")
        var code: Int32 = OPUS_OK
        let made = opus_encoder_create(Int32(Voice.rate), 1, OPUS_APPLICATION_VOIP, &code)
        guard let made, code == OPUS_OK else { throw .library(operation: "open", code: code) }
        encoder = made
        try Self.check(vestibule_opus_set_bitrate(made, Int32(bitrate)))
        try Self.check(vestibule_opus_set_vbr(made, isConstant ? 0 : 1))
        try Self.check(vestibule_opus_set_voice(made))
        // Half of the default's work for no difference that a door station's loudspeaker shows.
        try Self.check(vestibule_opus_set_complexity(made, 5))
    }

    deinit { opus_encoder_destroy(encoder) }

    /// Encodes 20 ms of voice.
    ///
    /// - Parameter samples: exactly ``Voice/packet`` of them.
    /// - Returns: one packet, at most 1,275 bytes.
    /// - Throws: ``CodecError/library(operation:code:)``.
    package func encode(_ samples: [Int16]) throws(CodecError) -> [UInt8] {
        precondition(samples.count == Voice.packet, "a voice is encoded 20 ms at a time")
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 1_275) { out, count in
            guard let base = out.baseAddress else { return }
            code = opus_encode(encoder, samples, Int32(Voice.packet), base, 1_275)
            count = max(0, Int(code))
        }
        guard code > 0 else { throw .library(operation: "encode", code: code) }
        return bytes
    }

    private static func check(_ code: Int32) throws(CodecError) {
        guard code == OPUS_OK else { throw .library(operation: "configure", code: code) }
    }
}

/// Decodes one voice from Opus packets (RFC 6716).
///
/// Takes what strangers send; a stereo packet is mixed down. One user at a time, on a worker.
package final class OpusVoiceDecoder {
    /// A packet holds at most 120 ms (RFC 6716 §3.4).
    private static let most = 5_760

    private let decoder: OpaquePointer

    /// A decoder for one voice.
    package init() throws(CodecError) {
        var code: Int32 = OPUS_OK
        let made = opus_decoder_create(Int32(Voice.rate), 1, &code)
        guard let made, code == OPUS_OK else { throw .library(operation: "open", code: code) }
        decoder = made
    }

    deinit { opus_decoder_destroy(decoder) }

    /// Decodes one packet.
    ///
    /// - Returns: its samples at 48 kHz, ``Voice/packet`` for one of 20 ms, at most 5,760.
    package func decode(_ bytes: [UInt8]) throws(CodecError) -> [Int16] {
        // Empty means "lost, please conceal" to the library; on the wire it is no packet at all.
        guard let length = Int32(exactly: bytes.count), length > 0 else { throw .malformed }
        var code: Int32 = 0
        let samples = [Int16](unsafeUninitializedCapacity: Self.most) { out, count in
            guard let base = out.baseAddress else { return }
            code = opus_decode(decoder, bytes, length, base, Int32(Self.most), 0)
            count = max(0, Int(code))
        }
        guard code >= 0 else { throw .malformed }
        return samples
    }
}
