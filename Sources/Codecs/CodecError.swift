// SPDX-License-Identifier: Apache-2.0

/// Why a frame could not be encoded or decoded.
package enum CodecError: Error, Equatable, Sendable {
    /// What came in is not a frame of this codec.
    case malformed

    /// An inter frame came where only a key frame can be decoded: at the start, after an error.
    case keyFrameNeeded

    /// The frame's picture is empty or beyond ``VP8Decoder/mostPixels`` in one direction.
    case unsupportedSize(width: Int, height: Int)

    /// The library refused for a reason of its own; `code` is its error number.
    case library(operation: String, code: Int32)
}
