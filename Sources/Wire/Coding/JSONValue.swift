// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// A JSON value as it was read; a number keeps its text until somebody asks for one kind of it.
enum JSONValue {
    case null
    case truth(Bool)
    case number(String)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])
}

/// What can be read from a JSON value of the right kind.
protocol JSONReadable {
    init?(json: JSONValue)
}

extension Bool: JSONReadable {
    init?(json: JSONValue) {
        guard case .truth(let value) = json else { return nil }
        self = value
    }
}

extension Int: JSONReadable {
    /// A number without a fraction that fits, however it is spelt.
    init?(json: JSONValue) {
        guard case .number(let text) = json else { return nil }
        if let value = Int(text) {
            self = value
        } else if let wide = Double(text), let value = Int(exactly: wide) {
            self = value
        } else {
            return nil
        }
    }
}

extension UInt32: JSONReadable {
    init?(json: JSONValue) {
        guard let value = Int(json: json) else { return nil }
        self.init(exactly: value)
    }
}

extension Double: JSONReadable {
    init?(json: JSONValue) {
        guard case .number(let text) = json, let value = Double(text), value.isFinite else {
            return nil
        }
        self = value
    }
}

extension String: JSONReadable {
    init?(json: JSONValue) {
        guard case .text(let text) = json else { return nil }
        self = text
    }
}

extension ID: JSONReadable {
    /// Any text: what is no identifier of this kind names nothing.
    init?(json: JSONValue) {
        guard case .text(let text) = json else { return nil }
        self.init(lenient: text)
    }
}

extension Array: JSONReadable where Element: JSONReadable {
    init?(json: JSONValue) {
        guard case .list(let values) = json else { return nil }
        self = []
        reserveCapacity(values.count)
        for value in values {
            guard let element = Element(json: value) else { return nil }
            append(element)
        }
    }
}
