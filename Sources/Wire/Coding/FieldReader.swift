// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// A field that is missing, of the wrong kind or too long, by its path.
struct FieldFault: Error {
    let field: String
}

/// A value that is a JSON object on the wire, both ways.
protocol WireObject {
    init(_ fields: FieldReader) throws(FieldFault)

    func write(_ fields: inout JSONWriter)
}

/// Reads the fields of one JSON object, each with its bound; what is not asked for is ignored.
struct FieldReader {
    private let fields: [String: JSONValue]
    private let path: String

    init(_ fields: [String: JSONValue], path: String = "") {
        self.fields = fields
        self.path = path
    }

    func fault(_ field: String) -> FieldFault {
        FieldFault(field: path + field)
    }

    /// Whether the field is there and not null.
    func has(_ field: String) -> Bool {
        switch fields[field] {
        case nil, .null: false
        default: true
        }
    }

    /// A number, a truth or an identifier; foreign text of an identifier names nothing.
    func value<Value: JSONReadable>(_ field: String) throws(FieldFault) -> Value {
        guard let json = fields[field], let value = Value(json: json) else { throw fault(field) }
        return value
    }

    func optional<Value: JSONReadable>(_ field: String) throws(FieldFault) -> Value? {
        has(field) ? try value(field) : nil
    }

    func text(
        _ field: String,
        least: Int = 0,
        most: Int = WireProtocol.textLength
    ) throws(FieldFault) -> String {
        let text: String = try value(field)
        guard (least...most).contains(text.utf8.count) else { throw fault(field) }
        return text
    }

    func optionalText(_ field: String) throws(FieldFault) -> String? {
        has(field) ? try text(field) : nil
    }

    func key() throws(FieldFault) -> String {
        try text("key", least: 1, most: WireProtocol.keyLength)
    }

    func secret(
        _ field: String,
        most: Int = WireProtocol.tokenLength
    ) throws(FieldFault) -> Secret {
        Secret(try text(field, least: 1, most: most))
    }

    func instant(_ field: String) throws(FieldFault) -> Timestamp {
        guard let instant = Timestamp(rfc3339: try text(field)), Self.years.contains(instant)
        else { throw fault(field) }
        return instant
    }

    /// The years 0 to 9999 in UTC: an offset can lead out of what RFC 3339 can write again.
    private static let years =
        Timestamp(milliseconds: -62_167_219_200_000)...Timestamp(milliseconds: 253_402_300_799_999)

    /// A word of a closed set.
    func word<Word: RawRepresentable<String>>(_ field: String) throws(FieldFault) -> Word {
        guard let word = Word(rawValue: try text(field)) else { throw fault(field) }
        return word
    }

    /// A word of a set that grows.
    func openWord<Word: OpenWord>(_ field: String) throws(FieldFault) -> Word {
        Word(rawValue: try text(field)) ?? .unknown
    }

    func optionalWord<Word: OpenWord>(_ field: String) throws(FieldFault) -> Word? {
        has(field) ? try openWord(field) : nil
    }

    func object<Object: WireObject>(_ field: String) throws(FieldFault) -> Object {
        guard case .object(let inner) = fields[field] else { throw fault(field) }
        return try Object(FieldReader(inner, path: path + field + "."))
    }

    func optionalObject<Object: WireObject>(_ field: String) throws(FieldFault) -> Object? {
        has(field) ? try object(field) : nil
    }

    func list<Object: WireObject>(_ field: String) throws(FieldFault) -> [Object] {
        guard case .list(let elements) = fields[field] else { throw fault(field) }
        var objects: [Object] = []
        objects.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            let place = path + field + "." + String(index)
            guard case .object(let inner) = element else { throw FieldFault(field: place) }
            objects.append(try Object(FieldReader(inner, path: place + ".")))
        }
        return objects
    }
}
