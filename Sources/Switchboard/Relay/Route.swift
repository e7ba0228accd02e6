// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// What one party of a call sends, on the board of its line: who may send what, to whom it goes.
///
/// Frames go to one receiver and, while it rings, to those who preview; each receiver has a gate
/// and lanes of its own (``Outlet``), on its own board.
package final class Route {
    /// How far the call is.
    package enum Stage: Sendable {
        /// The panel's picture only, and little of it.
        case ringing

        /// Everything.
        case active
    }

    package let port: RelayPort
    package var stage: Stage { isActive ? .active : .ringing }

    /// Nil once it was closed.
    unowned(unsafe) var line: Line?
    var isWatched = false

    private unowned let relay: Relay
    private let board: BoardIndex
    private var receiver: Sink?
    private var previews: [Sink] = []
    private var hasPreviews = false
    private var isActive: Bool
    private var desk: KeyFrameDesk
    private var pictureBudget: Bucket

    /// Flows of which a frame was dropped before it came to the receivers.
    private var drops: UInt8 = 0

    /// A video frame was dropped here: nothing that depends on it passes.
    private var needsKey = false

    /// Where frames go: an outlet of this board, or one on another.
    private struct Sink {
        let place: RelayPlace
        var outlet: Outlet?
    }

    init(port: RelayPort, stage: Stage, line: Line, relay: Relay) {
        self.port = port
        isActive = stage == .active
        self.line = line
        self.relay = relay
        board = relay.board
        let limits = relay.limits.media
        desk = KeyFrameDesk(
            interval: limits.keyFrameInterval,
            patience: limits.keyFrameRepeat
        )
        pictureBudget = Bucket(
            perSecond: limits.previewBits,
            burst: relay.limits.session.mediaBurst
        )
    }

    // MARK: Who receives

    /// Somebody answered: previews end, the answerer receives, sound is allowed.
    package func activate() {
        isActive = true
        previews = []
        hasPreviews = false
    }

    /// Sends to this party from now on; nil while it is away.
    package func connect(to place: RelayPlace?, at now: Moment) {
        receiver = place.map { sink(to: $0, at: now) }
    }

    /// Lets one more device look on; false where as many as may do already.
    package func addPreview(_ place: RelayPlace, at now: Moment) -> Bool {
        removePreview(party: place.party)
        guard previews.count < relay.limits.call.previews else { return false }
        previews.append(sink(to: place, at: now))
        hasPreviews = true
        return true
    }

    /// A device looks on no more.
    package func removePreview(party: UInt32) {
        previews.removeAll { $0.place.party == party }
        hasPreviews = !previews.isEmpty
    }

    private func sink(to place: RelayPlace, at now: Moment) -> Sink {
        let port = RelayPort(handle: port.handle, party: place.party)
        want(mostKeyBytes, at: now)
        guard place.board == board else {
            relay.post(.begin, to: place, port)
            return Sink(place: place)
        }
        let outlet = relay.outlet(at: port)
        outlet?.begin(at: now)
        return Sink(place: place, outlet: outlet)
    }

    /// An outlet was opened on this board, maybe after it was connected.
    func resolve(_ outlet: Outlet) {
        if receiver?.place.party == outlet.port.party { receiver?.outlet = outlet }
        for index in previews.indices where previews[index].place.party == outlet.port.party {
            previews[index].outlet = outlet
        }
    }

    /// An outlet of this board was closed.
    func forget(_ outlet: Outlet) {
        if receiver?.outlet === outlet { receiver?.outlet = nil }
        for index in previews.indices where previews[index].outlet === outlet {
            previews[index].outlet = nil
        }
    }

    // MARK: Frames

    /// Passes a checked frame on.
    @inline(__always)
    func forward(_ received: MediaFrame, at now: Moment) -> FrameVerdict {
        guard isActive || received.flow == .video else { return .dropped(.outOfPlace) }
        if received.flow == .video, let refusal = refusePicture(received, at: now) {
            return .dropped(refusal)
        }
        var frame = received
        if drops & frame.flow.bit != 0 { frame.flags |= MediaFrame.droppedFlag }
        var isTaken = false
        if let outlet = receiver?.outlet {
            outlet.take(frame, at: now)
            isTaken = true
        } else if let place = receiver?.place {
            isTaken = post(frame, to: place)
        }
        if frame.flow == .video, hasPreviews {
            for sink in previews where pass(frame, to: sink, at: now) { isTaken = true }
        }
        guard isTaken else { return .dropped(.nobody) }
        drops &= ~frame.flow.bit
        return .passed
    }

    /// A frame of this sender was dropped before its receivers saw it.
    func missed(_ flow: Flow, at now: Moment) {
        drops |= flow.bit
        guard flow == .video else { return }
        needsKey = true
        want(mostKeyBytes, at: now)
    }

    @inline(__always)
    private func refusePicture(_ frame: MediaFrame, at now: Moment) -> DropReason? {
        if frame.isKey { desk.keyFrameCame() }
        if !isActive, !pictureBudget.take(frame.bytes.count &* 8, at: now) {
            missed(.video, at: now)
            return .overPictureBudget
        }
        if needsKey {
            guard frame.isKey else {
                drops |= Flow.video.bit
                return .awaitingKey
            }
            needsKey = false
        }
        return nil
    }

    @inline(__always)
    private func pass(_ frame: MediaFrame, to sink: Sink, at now: Moment) -> Bool {
        guard let outlet = sink.outlet else { return post(frame, to: sink.place) }
        outlet.take(frame, at: now)
        return true
    }

    /// To another board; false where the receiver should be on this one, and is not.
    private func post(_ frame: MediaFrame, to place: RelayPlace) -> Bool {
        guard place.board != board else { return false }
        relay.post(frame, to: place, RelayPort(handle: port.handle, party: place.party))
        return true
    }

    // MARK: Key frames and rate

    /// A receiver wants a key frame.
    func want(_ size: Int, at now: Moment) {
        note(desk.want(min(size, mostKeyBytes), at: now))
        if desk.deadline != nil { relay.watch(self) }
    }

    var deadline: Moment? { desk.deadline }

    func tick(at now: Moment) { note(desk.tick(at: now)) }

    /// The receiver takes so much.
    func tell(kilobits: Int) {
        guard let line else { return }
        relay.note(.rate(line, handle: port.handle, kilobits: kilobits))
    }

    private func note(_ size: Int?) {
        guard let size, let line else { return }
        relay.note(.askKeyFrame(line, handle: port.handle, maxBytes: size))
    }

    /// What a key frame may have where no receiver is known to be slow: the picture's budget of one
    /// second while it rings, then what this sender may send in the time of a key frame.
    private var mostKeyBytes: Int {
        let limits = relay.limits
        guard isActive else {
            return max(limits.media.keyFrameLeast, limits.media.previewBits / 8)
        }
        let bytes = Int64(limits.session.bitsPerSecond / 8) * limits.media.keyFrameTime.milliseconds
        return max(limits.media.keyFrameLeast, Int(bytes / 1000))
    }
}
