// SPDX-License-Identifier: Apache-2.0

/// Reads WebM: what ``WebMMuxer`` wrote, and files of others, streamed ones included.
///
/// Total: any bytes give a value or an error. Tracks that are neither video nor audio are skipped
/// with their blocks.
package struct WebMReader: Sendable {
    /// The tracks in their order.
    package private(set) var tracks: [WebM.Track] = []

    /// The frames in the order of the file.
    package private(set) var frames: [WebM.Frame] = []

    /// The duration that the file states, in milliseconds.
    package private(set) var duration: Double?

    private var scale = 1_000_000.0
    private var clusterTime: UInt64 = 0
    private var kinds: [UInt64: WebM.Kind] = [:]

    /// Reads a whole file.
    package init(_ bytes: [UInt8]) throws(WebMError) {
        var cursor = EBMLCursor(bytes, bytes.startIndex..<bytes.endIndex)
        guard let first = try cursor.next(), first.id == Element.ebml.rawValue else {
            throw .notWebM
        }
        try checkType(cursor.inside(first))
        // Masters are entered by going on behind their head, so a size left open needs no care.
        while let head = try cursor.next(entering: Self.isEntered) { try read(head, cursor) }
        guard duration.map({ $0 * scale / 1_000_000 })?.isFinite ?? true else { throw .malformed }
        duration = duration.map { $0 * scale / 1_000_000 }
    }

    private static func isEntered(_ id: UInt32) -> Bool {
        switch Element(rawValue: id) {
        case .segment, .info, .tracks, .cluster, .blockGroup: true
        default: false
        }
    }

    private func checkType(_ header: EBMLCursor) throws(WebMError) {
        var header = header
        while let head = try header.next() {
            guard head.id == Element.docType.rawValue else { continue }
            guard ["webm", "matroska"].contains(header.text(head)) else { throw .notWebM }
        }
    }

    private mutating func read(_ head: EBMLCursor.Head, _ cursor: EBMLCursor) throws(WebMError) {
        switch Element(rawValue: head.id) {
        case .timestampScale:
            let number = try cursor.number(head)
            guard number > 0 else { throw .malformed }
            scale = Double(number)
        case .duration: duration = try cursor.float(head)
        case .trackEntry: try readTrack(cursor.inside(head))
        case .timestamp: clusterTime = try cursor.number(head)
        case .simpleBlock: try readBlock(head, cursor, isSimple: true)
        case .block: try readBlock(head, cursor, isSimple: false)
        case .referenceBlock:
            if !frames.isEmpty { frames[frames.count - 1].isKey = false }
        default: break
        }
    }

    private mutating func readTrack(_ entry: EBMLCursor) throws(WebMError) {
        var entry = entry
        var number: UInt64 = 0
        var type: UInt64 = 0
        var track = WebM.Track(kind: .video, codec: "")
        while let head = try entry.next() {
            switch Element(rawValue: head.id) {
            case .trackNumber: number = try entry.number(head)
            case .trackType: type = try entry.number(head)
            case .codecID: track.codec = entry.text(head)
            case .codecPrivate: track.codecPrivate = entry.body(head)
            case .codecDelay: track.codecDelay = try entry.number(head)
            case .seekPreRoll: track.seekPreRoll = try entry.number(head)
            case .video: track.size = try Self.size(entry.inside(head))
            case .audio: try Self.readSound(entry.inside(head), into: &track)
            default: break
            }
        }
        guard type == 1 || type == 2 else { return }
        track.kind = type == 1 ? .video : .audio
        tracks.append(track)
        kinds[number] = track.kind
    }

    private static func size(_ video: EBMLCursor) throws(WebMError) -> WebM.Size {
        var video = video
        var size = WebM.Size(width: 0, height: 0)
        while let head = try video.next() {
            switch Element(rawValue: head.id) {
            case .pixelWidth: size.width = Int(clamping: try video.number(head))
            case .pixelHeight: size.height = Int(clamping: try video.number(head))
            default: break
            }
        }
        return size
    }

    private static func readSound(
        _ audio: EBMLCursor,
        into track: inout WebM.Track
    ) throws(WebMError) {
        var audio = audio
        track.channels = 1
        track.rate = 8_000
        while let head = try audio.next() {
            switch Element(rawValue: head.id) {
            case .samplingFrequency: track.rate = try audio.float(head)
            case .channels: track.channels = Int(clamping: try audio.number(head))
            default: break
            }
        }
    }

    /// RFC 9559 §10: track number, signed time against the cluster, flags, frame.
    private mutating func readBlock(
        _ head: EBMLCursor.Head,
        _ cursor: EBMLCursor,
        isSimple: Bool
    ) throws(WebMError) {
        var block = cursor.inside(head)
        let track = try block.variable(marked: false, most: 8)
        let fixed = block.rest.prefix(3)
        guard fixed.count == 3, let track else { throw .malformed }
        let offset = Int16(
            bitPattern: UInt16(fixed[fixed.startIndex]) << 8
                | UInt16(fixed[fixed.startIndex + 1])
        )
        let flags = fixed[fixed.startIndex + 2]
        guard flags & 0x06 == 0 else { throw .laced }
        guard let kind = kinds[track] else { return }
        let time = (Double(clusterTime) + Double(offset)) * scale / 1_000_000
        guard time < 1e15 else { throw .malformed }
        frames.append(
            WebM.Frame(
                kind: kind,
                milliseconds: Int(max(0, time)),
                isKey: isSimple ? flags & 0x80 != 0 : true,
                bytes: Array(block.rest.dropFirst(3))
            )
        )
    }
}
