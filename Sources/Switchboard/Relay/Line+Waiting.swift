// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// Three lanes in front of a transport: what is written at once, what waits, what is dropped.
extension Line {
    /// Sends a message: never dropped, before all media that waits.
    package final func send(control message: [UInt8], at now: Moment) {
        message.withUnsafeBytes { send(control: $0, at: now) }
    }

    /// Sends a message: never dropped, before all media that waits.
    package final func send(control message: UnsafeRawBufferPointer, at now: Moment) {
        guard !isGone, !isCondemned, !message.isEmpty else { return }
        if lanes?.control.count ?? 0 == 0, hasRoom {
            write(text: message)
            wrote(message.count, at: now)
            if !hasRoom { controlIsStuck(at: now) }
            return
        }
        let lanes = openLanes(at: now)
        guard lanes.control.bytes + message.count <= relay.limits.media.controlLane else {
            return relay.stalled(self)
        }
        lanes.control.append(message, as: Waiting(message: message.count, at: now))
        controlIsStuck(at: now)
    }

    /// Writes a frame, or lets it wait, or drops it and what else is too old.
    @inline(__always)
    final func pass(_ frame: MediaFrame, of outlet: Outlet, at now: Moment) {
        if lanes == nil, hasRoom {
            wrote(frame.bytes.count, at: now)
            outlet.wrote(frame.flow, frame.bytes.count, frame.timestamp)
            // Only one from another loop is older than the turn.
            if frame.arrival != now {
                relay.countWait(of: frame.flow, since: frame.arrival, at: now)
            }
            write(frame: frame.bytes, flags: frame.flags | outlet.settleDrops(frame.flow))
        } else {
            wait(frame, of: outlet, at: now)
        }
    }

    /// The transport has room again, once after each ``requestRoom()``.
    package final func roomMade(at now: Moment) {
        isAwaitingRoom = false
        guard !isGone, hasRoom else {
            if !isGone, lanes != nil || controlSince != nil { askForRoom(at: now) }
            return
        }
        stuckSince = nil
        rate.roomMade(written: written, at: now)
        isSlow = rate.limit != nil
        controlSince = controlSince == nil ? nil : now
        drain(at: now)
        if hasRoom, lanes?.control.count ?? 0 == 0 { controlSince = nil }
        if lanes != nil || controlSince != nil { askForRoom(at: now) }
        for outlet in outlets { outlet.chase(at: now) }
    }

    /// Writes all the signalling that waits, room or not, because the end comes behind it; at most
    /// what a control lane holds.
    final func sayAll(at now: Moment) {
        guard !isGone, !isCondemned, let lanes else { return }
        while let message = lanes.control.first {
            write(text: lanes.control.contents(of: message))
            wrote(message.length, at: now)
            lanes.control.removeFirst()
        }
        if lanes.isEmpty { giveLanesBack() }
    }

    /// Ends everything that this line sends and receives; the socket is gone.
    final func leave() {
        guard !isGone else { return }
        isGone = true
        controlSince = nil
        for outlet in outlets { relay.close(outlet) }
        if let route { relay.close(route) }
        giveLanesBack()
    }

    /// Drops what waits for a stream that ended.
    final func remove(_ outlet: Outlet) {
        lanes?.purge(outlet)
        outlets.removeAll { $0 === outlet }
        if let lanes, lanes.isEmpty { giveLanesBack() }
    }

    @inline(__always)
    private final func wrote(_ size: Int, at now: Moment) {
        written &+= size
        lastWritten = size
        lastWriteAt = now
    }

    /// Lets the estimate rise with time; what is worth telling the sender, if it is to be told.
    final func growRate(telling: Bool, at now: Moment) -> Int? {
        rate.grow(at: now)
        isSlow = rate.limit != nil
        return telling ? rate.news(at: now) : nil
    }

    private final func slowDown(at now: Moment) {
        rate.dropped(written: written, at: now)
        isSlow = true
    }

    // MARK: Waiting

    private final func wait(_ frame: MediaFrame, of outlet: Outlet, at now: Moment) {
        let limits = relay.limits.media
        let lanes = openLanes(at: now)
        relay.mark(lanes, of: self, at: now)
        let expired = lanes.expire(limits.age, at: now)
        let crowded = lanes.makeRoom(for: frame.bytes.count, of: frame.flow, within: limits.lane)
        if expired || crowded { slowDown(at: now) }
        if now - frame.arrival > limits.age {
            outlet.lost(frame.flow, .expired)
        } else if lanes.mediaBytes + frame.bytes.count > limits.lane {
            outlet.lost(frame.flow, .laneFull)
        } else if frame.isInter, outlet.needsKey {
            outlet.lost(.video, .awaitingKey)
        } else {
            append(frame, of: outlet, to: lanes)
        }
        relay.mark(lanes, of: self, at: now)
        if lanes.isEmpty { giveLanesBack() } else { askForRoom(at: now) }
        for each in outlets { each.chase(at: now) }
    }

    private final func append(_ frame: MediaFrame, of outlet: Outlet, to lanes: Lanes) {
        if frame.flow == .video { outlet.needsKey = false }
        let flags = frame.flags | outlet.settleNewerDrops(frame.flow)
        let waiting = Waiting(frame, of: outlet, flags: flags)
        if frame.flow == .video {
            lanes.video.append(frame.bytes, as: waiting)
        } else {
            lanes.audio.append(frame.bytes, as: waiting)
        }
    }

    private final func drain(at now: Moment) {
        guard let lanes else { return }
        relay.mark(lanes, of: self, at: now)
        let age = relay.limits.media.age
        while hasRoom {
            if let message = lanes.control.first {
                write(text: lanes.control.contents(of: message))
                wrote(message.length, at: now)
                lanes.control.removeFirst()
                continue
            }
            if lanes.expire(age, at: now) { slowDown(at: now) }
            if let frame = lanes.audio.first {
                writeWaiting(frame, lanes.audio.contents(of: frame), at: now)
                lanes.audio.removeFirst()
            } else if let frame = lanes.video.first {
                writeWaiting(frame, lanes.video.contents(of: frame), at: now)
                lanes.video.removeFirst()
            } else {
                break
            }
        }
        if lanes.isEmpty { giveLanesBack() }
    }

    private final func writeWaiting(
        _ frame: Waiting,
        _ bytes: UnsafeRawBufferPointer,
        at now: Moment
    ) {
        guard let outlet = frame.outlet?.takeUnretainedValue() else { return }
        wrote(frame.length, at: now)
        outlet.wrote(frame.flow, frame.length, frame.timestamp)
        relay.countWait(of: frame.flow, since: frame.arrival, at: now)
        write(frame: bytes, flags: frame.flags | outlet.settleOlderDrops(frame.flow))
    }

    private final func openLanes(at now: Moment) -> Lanes {
        if let lanes { return lanes }
        let lent = relay.lendLanes()
        lanes = lent
        rate.begin(written: written - lastWritten, at: lastWriteAt)
        return lent
    }

    private final func giveLanesBack() {
        guard let lent = lanes else { return }
        lanes = nil
        rate.end()
        relay.takeBack(lent)
    }

    private final func controlIsStuck(at now: Moment) {
        if controlSince == nil { controlSince = now }
        relay.watch(self)
        askForRoom(at: now)
    }

    private final func askForRoom(at now: Moment) {
        if stuckSince == nil { stuckSince = now }
        guard !isAwaitingRoom else { return }
        isAwaitingRoom = true
        requestRoom()
    }
}
