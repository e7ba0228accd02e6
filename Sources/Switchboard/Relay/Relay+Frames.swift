// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
import VestibuleWire

/// The way of a frame: header, budget, contents, place, receivers.
extension Relay {
    /// Takes a whole binary message of an open session and passes it on.
    ///
    /// `frame` is borrowed for the call. Nothing is allocated while the receivers have room.
    package func receive(
        frame: UnsafeRawBufferPointer,
        from line: Line,
        at now: Moment
    ) -> FrameVerdict {
        guard let header = MediaHeader(frame) else {
            countReceived(.other)
            let fault: MediaFault = frame.count < MediaHeader.size ? .short : .version
            countInbound(.fault(.malformed(fault)), .other, frame.count)
            return .fault(.malformed(fault))
        }
        let flow = Flow(header.kind)
        countReceived(flow)
        let verdict = judge(header, flow, frame, from: line, at: now)
        countInbound(verdict, flow, frame.count)
        return verdict
    }

    @inline(__always)
    private func judge(
        _ header: MediaHeader,
        _ flow: Flow,
        _ bytes: UnsafeRawBufferPointer,
        from line: Line,
        at now: Moment
    ) -> FrameVerdict {
        guard line.affords(bytes.count, at: now) else {
            route(of: line, header.handle)?.missed(flow, at: now)
            return .overBudget
        }
        let payload = MediaHeader.payload(of: bytes)
        if let fault = checkMedia(header, payload) {
            route(of: line, header.handle)?.missed(flow, at: now)
            return .fault(.malformed(fault))
        }
        guard flow != .other else { return judgeOther(header, line) }
        let frame = MediaFrame(
            bytes: bytes,
            flow: flow,
            flags: header.flags.rawValue,
            timestamp: header.timestamp,
            arrival: now
        )
        if flow == .report { return judgeReport(header, payload, frame, line, at: now) }
        guard let route = route(of: line, header.handle) else {
            return misplaced(header, line)
        }
        return route.forward(frame, at: now)
    }

    @inline(__always)
    private func route(of line: Line, _ handle: UInt32) -> Route? {
        guard let route = line.route, route.port.handle == handle else { return nil }
        return route
    }

    /// A report feeds the outlet that it is about; a previewer's ends here.
    private func judgeReport(
        _ header: MediaHeader,
        _ payload: UnsafeRawBufferPointer,
        _ frame: MediaFrame,
        _ line: Line,
        at now: Moment
    ) -> FrameVerdict {
        guard let outlet = line.outlet(for: header.handle), let report = ReceiverReport(payload)
        else { return misplaced(header, line) }
        outlet.reported(video: report.newestVideo, at: now)
        if outlet.isPreview { return .passed }
        guard let route = route(of: line, header.handle) else { return misplaced(header, line) }
        return route.forward(frame, at: now)
    }

    private func judgeOther(_ header: MediaHeader, _ line: Line) -> FrameVerdict {
        switch header.kind {
        case .padding: .dropped(.padding)
        case .scan: .dropped(.unsupported)
        case .photo: line.handles.contains(header.handle) ? .dropped(.unsupported) : .fault(.handle)
        default: .dropped(.unknownKind)
        }
    }

    /// A handle that leads nowhere: of a call that ended or is not this sender's, or never given.
    private func misplaced(_ header: MediaHeader, _ line: Line) -> FrameVerdict {
        line.handles.contains(header.handle) ? .dropped(.outOfPlace) : .fault(.handle)
    }

    // MARK: Between boards

    /// Takes what the relay of another board had for this one.
    package func receive(_ batch: FrameBatch, at now: Moment) {
        batch.visit { record, bytes in
            switch record.what {
            case .frame, .lostFrame: receive(record, bytes, at: now)
            case .begin: outlet(at: record.port)?.begin(at: now)
            case .want: route(at: record.port)?.want(record.value, at: now)
            case .rate: route(at: record.port)?.tell(kilobits: record.value)
            }
        }
    }

    private func receive(
        _ record: FrameBatch.Record,
        _ bytes: UnsafeRawBufferPointer,
        at now: Moment
    ) {
        let count = record.what == .frame ? 1 : record.value
        guard let outlet = outlet(at: record.port) else {
            return countAbsent(record.flow, count)
        }
        guard record.what == .frame else {
            return outlet.lostOnTheWay(count, record.flow, .betweenBoards, at: now)
        }
        guard now - record.arrival <= limits.media.age else {
            return outlet.lostOnTheWay(1, record.flow, .expired, at: now)
        }
        let frame = MediaFrame(
            bytes: bytes,
            flow: record.flow,
            flags: record.flags,
            timestamp: record.timestamp,
            arrival: record.arrival
        )
        outlet.take(frame, at: now)
    }

    /// An outlet wants a key frame of its sender.
    func wantKeyFrame(of source: RelayPlace, _ handle: UInt32, _ size: Int, at now: Moment) {
        let port = RelayPort(handle: handle, party: source.party)
        if source.board == board {
            route(at: port)?.want(size, at: now)
        } else {
            post(.want, to: source, port, value: size)
        }
    }

    /// An outlet's receiver takes so much.
    func tellRate(of source: RelayPlace, _ handle: UInt32, _ kilobits: Int, at now: Moment) {
        let port = RelayPort(handle: handle, party: source.party)
        if source.board == board {
            route(at: port)?.tell(kilobits: kilobits)
        } else {
            post(.rate, to: source, port, value: kilobits)
        }
    }
}

extension Flow {
    fileprivate init(_ kind: MediaKind) {
        switch kind {
        case .audio: self = .audio
        case .video: self = .video
        case .report: self = .report
        default: self = .other
        }
    }
}
