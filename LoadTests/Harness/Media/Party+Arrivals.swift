// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleBasics
import VestibuleClient
import VestibuleWire

extension Party {
    /// A binary message came: it must be the next one of what the other end sent, or say that some
    /// before it were dropped, and be what the other end's encoder made.
    func arrived(_ bytes: UnsafeRawBufferPointer) {
        guard let header = MediaHeader(bytes), let peer else {
            return kit.measures.fault(.malformed, "a frame of \(bytes.count) bytes")
        }
        let now = EpollLoop.clock()
        switch header.kind {
        case .audio:
            maker.arrived(header, bytes: bytes.count, at: now)
            let place = arrivedAudio.take(header)
            guard let frame = sent(at: place, header, by: peer.audio) else { return }
            kit.measures.arrivedAudio(due: frame.due, at: now)
            kit.compare(bytes, with: kit.frames.audio[Int(frame.index)])
            if kit.flood != nil { peer.sendNext(at: now) }
        case .video:
            maker.arrived(header, bytes: bytes.count, at: now)
            let place = arrivedVideo.take(header)
            guard let frame = sent(at: place, header, by: peer.video) else { return }
            kit.measures.arrivedVideo(due: frame.due, at: now)
            kit.compare(bytes, with: kit.frames.video[Int(frame.index)])
            onFirstPicture?(now)
        case .report:
            let place = arrivedReports.take(header)
            _ = sent(at: place, header, by: peer.reports)
        default:
            kit.measures.fault(.malformed, "a frame of kind \(header.kind.rawValue)")
        }
    }

    /// The frame that this is, as it was sent; nil for what should not have come.
    @inline(__always)
    private func sent(
        at place: ArrivedLane.Place,
        _ header: MediaHeader,
        by lane: SentLane
    ) -> SentFrame? {
        let number: Int
        switch place {
        case .next(let next): number = next
        default:
            guard let later = irregular(place, header) else { return nil }
            number = later
            if case .afterGap(_, let missing, _) = place, header.kind != .report {
                for gone in max(0, number - missing)..<number {
                    if let frame = lane.frame(gone) { kit.measures.gone(due: frame.due) }
                }
            }
        }
        guard let frame = lane.frame(number), frame.timestamp == header.timestamp else {
            kit.measures.fault(.unknownFrame, "kind \(header.kind.rawValue), number \(number)")
            return nil
        }
        return frame
    }

    private func irregular(_ place: ArrivedLane.Place, _ header: MediaHeader) -> Int? {
        let words = "kind \(header.kind.rawValue), sequence \(header.sequence)"
        switch place {
        case .next(let number): return number
        case .afterGap(let number, let missing, let isTold):
            if !isTold { kit.measures.fault(.silentGap, "\(words), \(missing) missing") }
            return number
        case .falseGap(let number):
            kit.measures.fault(.falseGap, words)
            return number
        case .repeated:
            kit.measures.fault(.repeated, words)
            return nil
        }
    }
}

extension MediaKit {
    /// What arrived must be what was sent, byte for byte.
    @inline(__always)
    func compare(_ bytes: UnsafeRawBufferPointer, with frame: LoopFrame) {
        let payload = MediaHeader.payload(of: bytes)
        let isSame = frame.bytes.withUnsafeBytes { wanted in
            guard wanted.count == payload.count, let mine = wanted.baseAddress,
                let theirs = payload.baseAddress
            else { return false }
            return memcmp(mine, theirs, wanted.count) == 0
        }
        if !isSame { measures.fault(.altered, "\(payload.count) bytes") }
    }
}
