// SPDX-License-Identifier: Apache-2.0

internal import CVestibulePNG
package import VestibuleCodecs

/// Why a picture could not be written.
package enum ImagingError: Error, Equatable, Sendable {
    /// The library refused, in its own words.
    case library(String)
}

/// Writes pictures as PNG (RFC 2083), eight bits of red, green and blue.
package enum PNG {
    /// A PNG file of a picture.
    ///
    /// Works a few hundredths of a second at 640×480: on a worker, never on an event loop.
    package static func encode(_ picture: Picture) throws(ImagingError) -> [UInt8] {
        let pixels = RGB.pixels(of: picture)
        var image = vestibule_png_rgb(UInt32(picture.width), UInt32(picture.height))
        defer { png_image_free(&image) }
        // Deflate may grow what it cannot shrink, by far less than this, and each row has a filter byte.
        var length = pixels.count + pixels.count / 8 + picture.height + 4_096
        var isWritten = false
        let bytes = [UInt8](unsafeUninitializedCapacity: length) { out, count in
            let stride = Int32(picture.width * 3)
            isWritten =
                png_image_write_to_memory(&image, out.baseAddress, &length, 0, pixels, stride, nil)
                != 0
            count = isWritten ? length : 0
        }
        guard isWritten else { throw .library(message(of: image)) }
        return bytes
    }

    private static func message(of image: png_image) -> String {
        withUnsafeBytes(of: image.message) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
