// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// What the relay needs beyond ``Limits``.
package struct RelayTuning: Sendable {
    /// How far in advance a session may spend its frames and bits.
    ///
    /// A sender's stall of this length is delivered at once afterwards. Longer lets a flood through;
    /// shorter drops what a lift held up.
    package var mediaBurst: Duration = .seconds(1)

    /// After this without a key frame the request is repeated, once.
    package var keyFrameRepeat: Duration = .seconds(1)

    /// Empty lanes kept for the next line that needs some, at most 64 kB each.
    package var spareLanes = 256

    package init() {}
}
