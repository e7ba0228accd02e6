// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// What one party of a call receives, on the board of its line: the gate in front of the lanes.
///
/// No inter frame passes before a key frame: after the outlet was opened (answer, preview, resume)
/// and after anything of its video was dropped. It asks for the key frame by itself.
package final class Outlet {
    package let port: RelayPort

    /// Where its sender is.
    package let source: RelayPlace

    /// A device that looks before anyone answered: the picture only.
    package let isPreview: Bool

    /// What went through it.
    package var counts: MediaCounts { MediaCounts(tally, drops) }

    /// The gate is shut: only a key frame passes.
    var needsKey = true

    /// Whether it waits for a key frame.
    package var needsKeyFrame: Bool { needsKey }

    /// Nil once it was closed.
    unowned(unsafe) var line: Line?
    private let limits: MediaLimits
    private var tally = MediaCounts.Tally()
    private var drops = MediaCounts.Drops()
    private unowned let relay: Relay
    private var holdBack: HoldBack
    private var isHeld = false
    private var wantedAt: Moment?

    /// A key frame came since it was last wanted, whether it passed or not.
    private var isAnswered = true
    private var lastLargeKey: Moment?

    /// Flows of which frames were dropped: older than all that wait, and newer.
    private var olderDrops: UInt8 = 0
    private var newerDrops: UInt8 = 0

    init(port: RelayPort, source: RelayPlace, isPreview: Bool, line: Line, relay: Relay) {
        self.port = port
        self.source = source
        self.isPreview = isPreview
        self.line = line
        self.relay = relay
        limits = relay.limits.media
        holdBack = HoldBack(limits)
    }

    /// A sender begins: the one of before has gone, came back, or there was none.
    func begin(at now: Moment) {
        needsKey = true
        isHeld = false
        holdBack = HoldBack(limits)
        line?.rate.forgetTold()
        want(at: now)
    }

    // MARK: Frames

    /// Takes a frame for this receiver.
    @inline(__always)
    func take(_ frame: MediaFrame, at now: Moment) {
        tally.received[frame.flow] &+= 1
        guard let line else { return lost(frame.flow, .ended) }
        if frame.flow == .video {
            guard admits(frame, line, at: now) else { return }
            if frame.isKey { needsKey = false }
        }
        line.pass(frame, of: self, at: now)
        if line.isSlow { tellRate(line, at: now) }
    }

    /// Frames were lost on their way from another board, or came too late from there.
    func lostOnTheWay(_ count: Int, _ flow: Flow, _ reason: DropReason, at now: Moment) {
        tally.received[flow] &+= count
        lost(flow, reason, count)
        if flow == .video {
            needsKey = true
            chase(at: now)
        }
    }

    /// Counts a dropped frame; the next one of its flow will say so.
    func lost(_ flow: Flow, _ reason: DropReason, _ count: Int = 1, older: Bool = false) {
        drops.add(count, flow, reason)
        if older { olderDrops |= flow.bit } else { newerDrops |= flow.bit }
        if flow == .video, !older { needsKey = true }
    }

    /// A frame is being written.
    @inline(__always)
    func wrote(_ flow: Flow, _ size: Int, _ timestamp: UInt32) {
        tally.pass(flow, size)
        if flow == .video { holdBack.wrote(timestamp) }
    }

    // MARK: The gate

    @inline(__always)
    private func admits(_ frame: MediaFrame, _ line: Line, at now: Moment) -> Bool {
        if holdBack.holds(frame.timestamp, at: now) {
            isHeld = true
            holdBack.held(frame.timestamp)
            if frame.isKey { isAnswered = true }
            lost(.video, .heldBack)
            return false
        }
        if line.isSlow, !takesPictures(line) {
            if frame.isKey { isAnswered = true }
            lost(.video, .slowLink)
            return false
        }
        guard frame.isKey else {
            if needsKey { refuseInter(at: now) }
            return !needsKey
        }
        return admitsKey(frame, line, at: now)
    }

    /// Not where the smallest key frame takes too long: what is half written cannot be taken back, and
    /// sound waits behind it.
    private func takesPictures(_ line: Line) -> Bool {
        line.rate.bytes(in: limits.pictureTime, least: 0) >= limits.keyFrameLeast
    }

    private func refuseInter(at now: Moment) {
        lost(.video, .awaitingKey)
        isHeld = false
        chase(at: now)
    }

    private func admitsKey(_ frame: MediaFrame, _ line: Line, at now: Moment) -> Bool {
        isHeld = false
        isAnswered = true
        guard frame.bytes.count > most(line) else { return true }
        if let lastLargeKey, now - lastLargeKey < limits.largeKeyFrame {
            lost(.video, .largeKey)
            chase(at: now)
            return false
        }
        lastLargeKey = now
        return true
    }

    /// The largest key frame that passes always.
    private func most(_ line: Line) -> Int {
        line.rate.bytes(in: limits.keyFrameTime, least: limits.keyFrameLeast)
    }

    // MARK: Key frames

    /// The receiver asks for a key frame by itself.
    package func askKeyFrame(at now: Moment) { want(at: now) }

    /// Asks for the key frame that the gate waits for.
    ///
    /// Not where it takes no pictures, not while what is under way is too much already, and once only
    /// while the transport has no room: a key frame that cannot be written only grows old. A preview
    /// asks seldom, so that a slow one does not cost the others their picture.
    func chase(at now: Moment) {
        guard needsKey, let line else { return }
        if line.isSlow, !takesPictures(line) { return }
        if isHeld, !holdBack.isClear(at: now) { return }
        isHeld = false
        if let wantedAt {
            if let stuckSince = line.stuckSince, wantedAt >= stuckSince { return }
            let isEarly = now - wantedAt < limits.largeKeyFrame
            if isEarly, isPreview || !isAnswered { return }
        }
        want(at: now)
    }

    private func want(at now: Moment) {
        guard let line else { return }
        wantedAt = now
        isAnswered = false
        relay.wantKeyFrame(of: source, port.handle, most(line), at: now)
    }

    // MARK: Reports

    /// The receiver said how far it is.
    func reported(video timestamp: UInt32, at now: Moment) {
        holdBack.reported(timestamp, at: now)
        if isHeld { chase(at: now) }
    }

    // MARK: Rate

    private func tellRate(_ line: Line, at now: Moment) {
        guard let kilobits = line.growRate(telling: !isPreview, at: now) else { return }
        relay.tellRate(of: source, port.handle, kilobits, at: now)
    }

    // MARK: Flag 2

    /// Flag 2 where frames of this flow were dropped before the one that is written at once.
    @inline(__always)
    func settleDrops(_ flow: Flow) -> UInt8 {
        guard (olderDrops | newerDrops) & flow.bit != 0 else { return 0 }
        olderDrops &= ~flow.bit
        newerDrops &= ~flow.bit
        return MediaFrame.droppedFlag
    }

    /// Flag 2 where the frame that is written after a wait is the first after dropped ones.
    func settleOlderDrops(_ flow: Flow) -> UInt8 {
        defer { olderDrops &= ~flow.bit }
        return olderDrops & flow.bit != 0 ? MediaFrame.droppedFlag : 0
    }

    /// Flag 2 where frames were dropped between the last that waits and the one that joins it.
    func settleNewerDrops(_ flow: Flow) -> UInt8 {
        defer { newerDrops &= ~flow.bit }
        return newerDrops & flow.bit != 0 ? MediaFrame.droppedFlag : 0
    }
}
