// SPDX-License-Identifier: Apache-2.0

internal import CVestibuleVPX

/// Decodes one VP8 stream.
///
/// Takes what strangers send: bytes that are no frame throw, and a frame says how large its picture
/// is before memory is set aside for it. One user at a time, on a worker, never on an event loop.
package final class VP8Decoder {
    /// Most pixels in one direction.
    package static let mostPixels = 4_096

    private let context: UnsafeMutablePointer<vpx_codec_ctx_t>
    private var hasKeyFrame = false

    /// A decoder that waits for its first key frame.
    package init() throws(CodecError) {
        let context = UnsafeMutablePointer<vpx_codec_ctx_t>.allocate(capacity: 1)
        context.initialize(to: vpx_codec_ctx_t())
        let opened = vestibule_vp8_decoder_open(context)
        guard opened == VPX_CODEC_OK else {
            context.deallocate()
            throw .library(operation: "open", code: Int32(opened.rawValue))
        }
        self.context = context
    }

    deinit {
        vpx_codec_destroy(context)
        context.deallocate()
    }

    /// Decodes the next frame.
    ///
    /// After an error only a key frame is taken, because inter frames would build on damage.
    ///
    /// - Returns: the picture, or nil for a frame that is not to be shown.
    package func decode(_ bytes: [UInt8]) throws(CodecError) -> Picture? {
        do {
            try admit(bytes)
            let picture = try decodeAdmitted(bytes)
            hasKeyFrame = true
            return picture
        } catch {
            hasKeyFrame = false
            throw error
        }
    }

    /// The checks of RFC 6386 §9.1 that cost nothing and bound what the library will do.
    private func admit(_ bytes: [UInt8]) throws(CodecError) {
        guard bytes.count >= 3 else { throw .malformed }
        guard bytes[0] & 1 == 0 else {
            guard hasKeyFrame else { throw .keyFrameNeeded }
            return
        }
        guard bytes.count >= 10, Array(bytes[3..<6]) == [0x9D, 0x01, 0x2A] else {
            throw .malformed
        }
        let width = (Int(bytes[6]) | Int(bytes[7]) << 8) & 0x3FFF
        let height = (Int(bytes[8]) | Int(bytes[9]) << 8) & 0x3FFF
        let fits = 1...Self.mostPixels
        guard fits.contains(width), fits.contains(height) else {
            throw .unsupportedSize(width: width, height: height)
        }
    }

    private func decodeAdmitted(_ bytes: [UInt8]) throws(CodecError) -> Picture? {
        guard let length = UInt32(exactly: bytes.count) else { throw .malformed }
        let code = vpx_codec_decode(context, bytes, length, nil, 0)
        guard code == VPX_CODEC_OK else { throw .malformed }
        var iterator: vpx_codec_iter_t?
        guard let image = vpx_codec_get_frame(context, &iterator) else { return nil }
        return try Self.copy(image.pointee)
    }

    /// The library lends its planes, with margins, until the next call: they are copied out here.
    private static func copy(_ image: vpx_image_t) throws(CodecError) -> Picture {
        let width = Int(image.d_w)
        let height = Int(image.d_h)
        guard image.fmt == VPX_IMG_FMT_I420, (1...mostPixels).contains(width),
            (1...mostPixels).contains(height)
        else { throw .unsupportedSize(width: width, height: height) }
        let chromaWidth = (width + 1) / 2
        let chromaHeight = (height + 1) / 2
        guard
            let y = pack(image.planes.0, stride: image.stride.0, width: width, height: height),
            let u = pack(
                image.planes.1,
                stride: image.stride.1,
                width: chromaWidth,
                height: chromaHeight
            ),
            let v = pack(
                image.planes.2,
                stride: image.stride.2,
                width: chromaWidth,
                height: chromaHeight
            )
        else { throw .malformed }
        return Picture(width: width, height: height, y: y, u: u, v: v)
    }

    private static func pack(
        _ plane: UnsafeMutablePointer<UInt8>?,
        stride: Int32,
        width: Int,
        height: Int
    ) -> [UInt8]? {
        guard let plane, Int(stride) >= width else { return nil }
        return [UInt8](unsafeUninitializedCapacity: width * height) { out, count in
            guard let base = out.baseAddress else { return }
            for row in 0..<height {
                (base + row * width).initialize(from: plane + row * Int(stride), count: width)
            }
            count = width * height
        }
    }
}
