// SPDX-License-Identifier: Apache-2.0

/// Whether a loop looks at its inbox by itself, as so much comes there that has a little time: the
/// frames that other loops pass on.
///
/// A wake costs some 20 µs of two threads, a frame itself less. While it looks the loop sleeps a
/// millisecond at most, a thousand empty turns a second in the worst case; so it looks only where
/// that many wakes would come anyway.
package struct Attention: Sendable {
    /// The longest the loop sleeps while it looks, in milliseconds.
    package static let patience: Int32 = 1

    /// The pace of a loaded loop meanwhile.
    ///
    /// What other loops send waits for its next turn anyway, and what its own sockets bring may as
    /// well share that: a millisecond that nobody hears, for a quarter of what a frame costs.
    package static let pace = Duration.milliseconds(1)

    /// Milliseconds after which it is decided anew.
    package static let window: UInt64 = 10

    /// Jobs in a window with which it begins, and below which it ends.
    package static let enough = 5
    package static let few = 2

    /// Whether it looks.
    package private(set) var isOn = false
    private var count = 0
    private var windowStart: UInt64 = 0

    package init() {}

    /// So many unhurried jobs were found.
    package mutating func found(_ jobs: Int) { count += jobs }

    /// A turn, at so many milliseconds.
    package mutating func look(at milliseconds: UInt64) {
        guard milliseconds >= windowStart + Self.window else { return }
        // After a long sleep the window is longer, and says nothing of a rate.
        let isWhole = milliseconds < windowStart + 2 * Self.window
        isOn = isWhole && count >= (isOn ? Self.few : Self.enough)
        count = 0
        windowStart = milliseconds
    }
}
