// SPDX-License-Identifier: Apache-2.0

/// The elements of Matroska (RFC 9559 §5) that a call needs.
enum Element: UInt32 {
    case ebml = 0x1A45_DFA3
    case ebmlVersion = 0x4286
    case ebmlReadVersion = 0x42F7
    case ebmlMaxIDLength = 0x42F2
    case ebmlMaxSizeLength = 0x42F3
    case docType = 0x4282
    case docTypeVersion = 0x4287
    case docTypeReadVersion = 0x4285
    case segment = 0x1853_8067
    case seekHead = 0x114D_9B74
    case seek = 0x4DBB
    case seekID = 0x53AB
    case seekPosition = 0x53AC
    case info = 0x1549_A966
    case timestampScale = 0x2AD7B1
    case duration = 0x4489
    case muxingApp = 0x4D80
    case writingApp = 0x5741
    case tracks = 0x1654_AE6B
    case trackEntry = 0xAE
    case trackNumber = 0xD7
    case trackUID = 0x73C5
    case trackType = 0x83
    case flagLacing = 0x9C
    case codecID = 0x86
    case codecPrivate = 0x63A2
    case codecDelay = 0x56AA
    case seekPreRoll = 0x56BB
    case video = 0xE0
    case pixelWidth = 0xB0
    case pixelHeight = 0xBA
    case audio = 0xE1
    case samplingFrequency = 0xB5
    case channels = 0x9F
    case cluster = 0x1F43_B675
    case timestamp = 0xE7
    case simpleBlock = 0xA3
    case blockGroup = 0xA0
    case block = 0xA1
    case referenceBlock = 0xFB
    case cues = 0x1C53_BB6B
    case cuePoint = 0xBB
    case cueTime = 0xB3
    case cueTrackPositions = 0xB7
    case cueTrack = 0xF7
    case cueClusterPosition = 0xF1

    /// The identifier as it is written: its length marker is part of its value.
    var bytes: [UInt8] { bigEndian(UInt64(rawValue)) }
}

/// Writes EBML elements (RFC 8794): identifier, size, body.
enum EBML {
    static func element(_ element: Element, _ body: [UInt8]) -> [UInt8] {
        element.bytes + size(body.count) + body
    }

    static func master(_ element: Element, _ children: [[UInt8]]) -> [UInt8] {
        self.element(element, Array(children.joined()))
    }

    static func number(_ element: Element, _ number: UInt64) -> [UInt8] {
        self.element(element, bigEndian(number))
    }

    static func float(_ element: Element, _ number: Double) -> [UInt8] {
        let bits = number.bitPattern
        return self.element(
            element,
            (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) }
        )
    }

    static func text(_ element: Element, _ text: String) -> [UInt8] {
        self.element(element, Array(text.utf8))
    }

    /// A number in eight bytes whatever its value, for positions that are filled in later.
    static func fixed(_ element: Element, _ number: Int) -> [UInt8] {
        self.element(element, (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
    }

    /// A size in as few bytes as hold it; all ones is reserved for "unknown" (RFC 8794 §6.2).
    private static func size(_ count: Int) -> [UInt8] {
        var length = 1
        while length < 8, count >= 1 << (7 * length) - 1 { length += 1 }
        let marked = UInt64(count) | 1 << UInt64(7 * length)
        return (0..<length).map {
            UInt8(truncatingIfNeeded: marked >> UInt64(8 * (length - 1 - $0)))
        }
    }
}

/// Big-endian without leading zeros, at least one byte.
private func bigEndian(_ number: UInt64) -> [UInt8] {
    let length = max(1, (64 - number.leadingZeroBitCount + 7) / 8)
    return (0..<length).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * (length - 1 - $0))) }
}
