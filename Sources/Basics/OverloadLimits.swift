// SPDX-License-Identifier: Apache-2.0

/// Bounds beyond which a loop takes no new calls, so that running ones do not suffer: presses are
/// refused `busy_server`, and may be tried again.
public struct OverloadLimits: Sendable, Equatable {
    /// Per cent of a core that a loop's thread uses, over a second: at so much it is strained.
    ///
    /// Higher leaves nothing for a burst of key frames; lower refuses calls that it could carry.
    public var busy = 90

    /// Per cent below which it is at ease again.
    ///
    /// Nearer to ``busy`` takes and refuses in turn.
    public var calm = 80

    /// A turn of a loop, or its delay behind a timer, of this length strains it, whoever has the
    /// core.
    ///
    /// Longer is heard (ITU-T G.114: 150 ms and more); shorter takes a slow disk for a load.
    public var lag: Duration = .milliseconds(250)

    /// Strained seconds in a row before new calls are refused.
    ///
    /// Fewer refuse calls for one hiccup; more let running calls suffer for longer.
    public var seconds = 3

    /// The defaults.
    public init() {}
}
