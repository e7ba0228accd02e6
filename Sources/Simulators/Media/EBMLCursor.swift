// SPDX-License-Identifier: Apache-2.0

/// Walks over EBML elements (RFC 8794) without trusting a byte of them.
struct EBMLCursor {
    /// The head of an element: what it is, where its body lies.
    struct Head {
        var id: UInt32
        var body: Range<Int>
    }

    private let bytes: [UInt8]
    private var place: Int
    private let end: Int

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        place = range.lowerBound
        end = range.upperBound
    }

    /// What has not been walked over.
    var rest: ArraySlice<UInt8> { bytes[place..<end] }

    /// A cursor over an element's body.
    func inside(_ head: Head) -> EBMLCursor { EBMLCursor(bytes, head.body) }

    /// The next element, or nil at the end.
    ///
    /// Goes on behind the element, or behind its head when `isEntered`; only such an element may
    /// leave its size open, as streamed files do.
    mutating func next(
        entering isEntered: (UInt32) -> Bool = { _ in false }
    ) throws(WebMError) -> Head? {
        guard place < end else { return nil }
        guard let id = try variable(marked: true, most: 4) else { throw .malformed }
        let name = UInt32(truncatingIfNeeded: id)
        let size = try variable(marked: false, most: 8)
        let enters = isEntered(name)
        guard let size else {
            guard enters else { throw .malformed }
            return Head(id: name, body: place..<end)
        }
        guard size <= UInt64(end - place) else { throw .truncated }
        let body = place..<place + Int(size)
        place = enters ? body.lowerBound : body.upperBound
        return Head(id: name, body: body)
    }

    /// A number of variable length, with its length marker or without; nil for "unknown".
    mutating func variable(marked: Bool, most: Int) throws(WebMError) -> UInt64? {
        guard place < end else { throw .truncated }
        let length = bytes[place].leadingZeroBitCount + 1
        guard length <= most else { throw .malformed }
        guard end - place >= length else { throw .truncated }
        var value: UInt64 = 0
        for byte in bytes[place..<place + length] { value = value << 8 | UInt64(byte) }
        place += length
        let mask = (UInt64(1) << UInt64(7 * length)) - 1
        guard value & mask != mask else { return nil }
        return marked ? value : value & mask
    }

    /// The body as an unsigned number.
    func number(_ head: Head) throws(WebMError) -> UInt64 {
        guard head.body.count <= 8 else { throw .malformed }
        return bytes[head.body].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The body as a floating-point number of four or eight bytes.
    func float(_ head: Head) throws(WebMError) -> Double {
        let bits = try number(head)
        let value: Double =
            switch head.body.count {
            case 0: 0
            case 4: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
            case 8: Double(bitPattern: bits)
            default: .nan
            }
        guard value.isFinite, value >= 0 else { throw .malformed }
        return value
    }

    /// The body as text; padding zeros at its end are not part of it.
    func text(_ head: Head) -> String {
        String(decoding: bytes[head.body].prefix { $0 != 0 }, as: UTF8.self)
    }

    /// The body as it is.
    func body(_ head: Head) -> [UInt8] { Array(bytes[head.body]) }
}
