// SPDX-License-Identifier: Apache-2.0

/// The values that ``WebMMuxer`` writes and ``WebMReader`` reads.
package enum WebM {
    /// What a track carries.
    package enum Kind: Sendable, Hashable {
        case video
        case audio
    }

    /// One track as its entry describes it.
    package struct Track: Sendable, Equatable {
        /// What it carries.
        package var kind: Kind

        /// `V_VP8` or `A_OPUS` in what we write.
        package var codec: String

        /// Pixels of video, or nothing.
        package var size: Size?

        /// Samples a second of audio, or 0.
        package var rate: Double = 0

        /// Channels of audio, or 0.
        package var channels = 0

        /// What the codec needs to begin; `OpusHead` (RFC 7845 §5.1) for Opus.
        package var codecPrivate: [UInt8] = []

        /// Nanoseconds that the codec adds in front and a player takes away.
        package var codecDelay: UInt64 = 0

        /// Nanoseconds to decode before the place sought.
        package var seekPreRoll: UInt64 = 0
    }

    /// The pixels of a video track.
    package struct Size: Sendable, Equatable {
        /// Across.
        package var width: Int

        /// Down.
        package var height: Int

        package init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    /// One frame of a track.
    package struct Frame: Sendable, Equatable {
        /// The track.
        package var kind: Kind

        /// When it is to be shown, from the start of the file.
        package var milliseconds: Int

        /// Whether decoding can start here; always true of Opus.
        package var isKey: Bool

        /// As the encoder made it.
        package var bytes: [UInt8]

        package init(kind: Kind, milliseconds: Int, isKey: Bool, bytes: [UInt8]) {
            self.kind = kind
            self.milliseconds = milliseconds
            self.isKey = isKey
            self.bytes = bytes
        }
    }
}

/// Why bytes could not be read as WebM.
package enum WebMError: Error, Equatable, Sendable {
    /// They do not begin as WebM or Matroska.
    case notWebM

    /// An element reaches beyond its end.
    case truncated

    /// A value that the format does not allow.
    case malformed

    /// Blocks with several frames each, which neither VP8 nor Opus use in WebM.
    case laced
}
