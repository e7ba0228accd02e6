// SPDX-License-Identifier: Apache-2.0

/// Text that must not be printed: a token, a PIN, a pass, a key inside a push.
///
/// Descriptions, dumps and mirrors show three dots; only ``reveal`` gives the text.
public struct Secret: Hashable, Sendable {
    /// The text itself, for hashing or for sending it to whom it belongs.
    public let reveal: String

    /// Wraps `text`, so that no log can show it.
    public init(_ text: String) {
        reveal = text
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Three dots.
    public var description: String { "•••" }

    /// Three dots.
    public var debugDescription: String { "•••" }

    /// A mirror that shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
