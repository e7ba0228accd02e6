// SPDX-License-Identifier: Apache-2.0

package import VestibuleWire

/// Frames on their way from the loop to who reads them; a slow reader loses the oldest.
package struct FrameOutlet: Sendable {
    /// For one reader.
    package let frames: AsyncStream<MediaFrame>
    private let sink: AsyncStream<MediaFrame>.Continuation

    /// An outlet in which `capacity` frames may wait.
    package init(capacity: Int) {
        (frames, sink) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingNewest(max(1, capacity))
        )
    }

    /// Hands a frame on.
    ///
    /// Returns the one that fell out for it: not this one but the oldest that waited, which may be
    /// of another kind and another call.
    package func offer(_ frame: MediaFrame) -> MediaHeader? {
        if case .dropped(let oldest) = sink.yield(frame) { oldest.header } else { nil }
    }

    /// Nothing more comes.
    package func finish() { sink.finish() }
}
