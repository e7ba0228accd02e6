// SPDX-License-Identifier: Apache-2.0

/// A text that must not reach a log: it cannot be printed, only revealed.
public struct Concealed: Hashable, Sendable {
    private let text: String

    /// Takes the text over.
    public init(_ text: String) {
        self.text = text
    }

    /// The text, for the one place that sends it.
    public func reveal() -> String { text }
}

extension Concealed: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always the same, whatever is concealed.
    public var description: String { "‹concealed›" }

    /// As ``description``.
    public var debugDescription: String { description }

    /// Without children, so that `dump` shows no more than `print`.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
