// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// What the relay of one board has for that of another.
///
/// Frames, copied once, and the few words between a receiver's outlet and its sender's route: one
/// value a turn, not one a frame.
package struct FrameBatch: Sendable {
    /// What a record says.
    enum What: UInt8, Sendable {
        /// A frame for an outlet.
        case frame

        /// `value` frames for an outlet that were lost.
        case lostFrame

        /// A route begins to send to an outlet.
        case begin

        /// An outlet wants a key frame of at most `value` bytes.
        case want

        /// An outlet's receiver takes `value` kilobits a second.
        case rate
    }

    struct Record: Sendable {
        fileprivate(set) var what: What
        let port: RelayPort
        var flow = Flow.other
        var flags: UInt8 = 0
        var timestamp: UInt32 = 0
        var arrival = Moment(nanoseconds: 0)
        fileprivate(set) var offset = 0
        fileprivate(set) var length = 0
        var value = 0
    }

    private(set) var records: [Record] = []
    private var bytes: [UInt8] = []

    init() {}

    /// Makes a batch with the storage that one like it needed.
    init(like other: FrameBatch) {
        records.reserveCapacity(other.records.count)
        bytes.reserveCapacity(other.bytes.count)
    }

    /// Whether there is nothing to post.
    package var isEmpty: Bool { records.isEmpty }

    /// Bytes of frames in it, and of what is said of them; what a bounded mailbox counts.
    package var size: Int { bytes.count + records.count * MemoryLayout<Record>.stride }

    /// Frees the frames, for a mailbox that is full, and counts them: one record for all that was
    /// lost of a flow to an outlet.
    ///
    /// The receivers count the loss, say so by flag 2 and ask for a key frame; words between
    /// outlets and routes are kept.
    package mutating func stripFrames() {
        var kept: [Record] = []
        var places: [Place: Int] = [:]
        for var record in records {
            guard record.what == .frame || record.what == .lostFrame else {
                kept.append(record)
                continue
            }
            let lost = record.what == .frame ? 1 : record.value
            let place = Place(port: record.port, flow: record.flow)
            if let index = places[place] {
                kept[index].value += lost
            } else {
                places[place] = kept.count
                record.what = .lostFrame
                record.value = lost
                kept.append(record)
            }
        }
        bytes = []
        records = kept
    }

    /// Takes over what is left of a batch that came after this one, both without their frames.
    package mutating func absorb(_ later: FrameBatch) {
        bytes = []
        records += later.records
        stripFrames()
    }

    private struct Place: Hashable {
        let port: RelayPort
        let flow: Flow
    }

    mutating func append(_ frame: MediaFrame, to port: RelayPort) {
        records.append(
            Record(
                what: .frame,
                port: port,
                flow: frame.flow,
                flags: frame.flags,
                timestamp: frame.timestamp,
                arrival: frame.arrival,
                offset: bytes.count,
                length: frame.bytes.count
            )
        )
        bytes.append(contentsOf: frame.bytes)
    }

    mutating func append(_ what: What, to port: RelayPort, value: Int) {
        records.append(Record(what: what, port: port, value: value))
    }

    /// Calls `body` with each record and its frame's bytes.
    func visit(_ body: (Record, UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { all in
            for record in records {
                let range =
                    record.what == .frame ? record.offset..<record.offset + record.length : 0..<0
                body(record, UnsafeRawBufferPointer(rebasing: all[range]))
            }
        }
    }
}
