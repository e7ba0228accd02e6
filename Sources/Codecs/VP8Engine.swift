// SPDX-License-Identifier: Apache-2.0

internal import CVestibuleVPX

/// The one holder of a libvpx encoder: opens, configures, encodes, closes.
final class VP8Engine {
    /// What the library is told; all of it may change between frames but the size.
    struct Settings: Equatable {
        var width: Int
        var height: Int
        var fps: Int
        var kilobits: Int
        var quantizers: ClosedRange<Int>
        var mayDrop: Bool

        /// Most bytes of a key frame that the rate control aims below; it may miss.
        var keyBytes: Int?
    }

    private let context: UnsafeMutablePointer<vpx_codec_ctx_t>
    private var configuration: vpx_codec_enc_cfg_t
    private var applied: Settings?

    init(_ settings: Settings) throws(CodecError) {
        var configuration = vpx_codec_enc_cfg_t()
        try check("defaults", vestibule_vp8_encoder_defaults(&configuration))
        configuration.g_timebase = vpx_rational(num: 1, den: 90_000)
        configuration.g_threads = 1
        configuration.g_lag_in_frames = 0
        configuration.g_pass = VPX_RC_ONE_PASS
        configuration.rc_end_usage = VPX_CBR
        configuration.rc_undershoot_pct = 100
        configuration.rc_overshoot_pct = 15
        // Milliseconds of bits: what the rate control may borrow, and a peer may have to wait for.
        configuration.rc_buf_initial_sz = 500
        configuration.rc_buf_optimal_sz = 600
        configuration.rc_buf_sz = 1_000
        configuration.kf_mode = VPX_KF_DISABLED
        Self.fill(&configuration, settings)
        let context = UnsafeMutablePointer<vpx_codec_ctx_t>.allocate(capacity: 1)
        context.initialize(to: vpx_codec_ctx_t())
        let opened = vestibule_vp8_encoder_open(context, &configuration)
        guard opened == VPX_CODEC_OK else {
            context.deallocate()
            throw .library(operation: "open", code: Int32(opened.rawValue))
        }
        self.context = context
        self.configuration = configuration
        try check("cpu used", vestibule_vp8_set_cpu_used(context, -6))
        try check("static threshold", vestibule_vp8_set_static_threshold(context, 1))
    }

    deinit {
        vpx_codec_destroy(context)
        context.deallocate()
    }

    /// Encodes one picture of the engine's size.
    ///
    /// - Parameters:
    ///   - picture: of the size in `settings`, which is the one the engine was opened with.
    ///   - time: 90 kHz, above that of the frame before.
    ///   - key: makes this a key frame.
    ///   - settings: taken over first where they differ.
    /// - Returns: the frame, or nil when it was left out to keep the rate.
    /// - Throws: ``CodecError/library(operation:code:)``.
    func encode(
        _ picture: Picture,
        time: Int64,
        key: Bool,
        _ settings: Settings
    ) throws(CodecError) -> EncodedFrame? {
        try apply(settings)
        try check(
            "encode",
            vestibule_vp8_encode(
                context,
                picture.y,
                picture.u,
                picture.v,
                UInt32(picture.width),
                UInt32(picture.height),
                time,
                UInt(90_000 / settings.fps),
                key ? 1 : 0
            )
        )
        return takeFrame()
    }

    private static func fill(_ configuration: inout vpx_codec_enc_cfg_t, _ settings: Settings) {
        configuration.g_w = UInt32(settings.width)
        configuration.g_h = UInt32(settings.height)
        configuration.rc_target_bitrate = UInt32(settings.kilobits)
        configuration.rc_min_quantizer = UInt32(settings.quantizers.lowerBound)
        configuration.rc_max_quantizer = UInt32(settings.quantizers.upperBound)
        configuration.rc_dropframe_thresh = settings.mayDrop ? 30 : 0
    }

    private func apply(_ settings: Settings) throws(CodecError) {
        guard settings != applied else { return }
        Self.fill(&configuration, settings)
        try check("configure", vpx_codec_enc_config_set(context, &configuration))
        let average = max(1, settings.kilobits * 125 / settings.fps)
        let percent = settings.keyBytes.map { min(max(1, $0 * 100 / average), 100_000) } ?? 0
        try check("most intra", vestibule_vp8_set_most_intra(context, UInt32(percent)))
        applied = settings
    }

    /// The library lends its bytes until the next call: they are copied out here.
    private func takeFrame() -> EncodedFrame? {
        var iterator: vpx_codec_iter_t?
        while let packet = vpx_codec_get_cx_data(context, &iterator) {
            guard packet.pointee.kind == VPX_CODEC_CX_FRAME_PKT else { continue }
            let frame = packet.pointee.data.frame
            let bytes = [UInt8](UnsafeRawBufferPointer(start: frame.buf, count: frame.sz))
            guard let tag = bytes.first else { return nil }
            return EncodedFrame(bytes: bytes, isKey: tag & 1 == 0)
        }
        return nil
    }
}

/// Turns an error code of libvpx into an error.
private func check(_ operation: String, _ code: vpx_codec_err_t) throws(CodecError) {
    guard code == VPX_CODEC_OK else {
        throw .library(operation: operation, code: Int32(code.rawValue))
    }
}
