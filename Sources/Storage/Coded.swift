// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Values as JSON text, the way every store keeps what has no columns of its own.
///
/// Keys are sorted, so that one value has one text.
package enum Coded {
    private static let encoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()
    private static let decoder = JSONDecoder()

    /// The JSON of a value; throws `constraint` for one that has none.
    package static func text(_ value: some Encodable) throws(StoreError) -> String {
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw .constraint(detail: "\(type(of: value)) has no coded form")
        }
    }

    /// The value that `text` codes; throws `unreadable`, naming `what` it should have been.
    package static func value<Value: Decodable>(
        _ type: Value.Type,
        from text: String,
        what: String
    ) throws(StoreError) -> Value {
        do {
            return try decoder.decode(type, from: Data(text.utf8))
        } catch {
            throw .unreadable(detail: "\(what) cannot be read")
        }
    }
}
