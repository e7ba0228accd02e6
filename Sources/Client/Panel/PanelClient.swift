// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleWire

/// A door panel over the public protocol: its call, its doors, its directory.
///
/// ```text
/// idle ─ press ─▶ starting ─ ok ─▶ live (ringing ─▶ active) ─ ended, hang up ─▶ ended ─ press ─▶ …
///                     └── refused ──────────────────────────────────────────────▶ ended
/// ```
package struct PanelClient: ClientMachine {
    package typealias Order = PanelOrder
    package typealias Report = PanelEvent

    var line: Line
    var state = State.idle
    var door = DoorDuty()
    var sensors = SensorDuty()
    var directory = DirectoryDownload()
    var purposes: [Int: Purpose] = [:]
    var ended: [CallID] = []
    var isDirectoryWanted = false
    var isDirectoryLoading = false
    var offlineSince: Moment?

    /// An earlier process of this panel left its memory, and no welcome came since: the call is
    /// still this panel's.
    var remembersCall: Bool
    var limit = 4_000_000
    private var right: MediaRight?
    private var shown = PanelScreen.idle

    /// What may be sent while it rings: a preview, and the picture of who buzzed.
    static let ringingBits = 300_000

    /// A call without a connection for this long is over: the server's grace is shorter.
    static let offlinePatience = Duration.seconds(30)

    /// A panel that has not connected yet.
    ///
    /// `resume` is what an earlier process of it remembered: where the server still has that
    /// session, the panel comes back to its call. Without it the server ends the call (`panelLost`).
    package init(settings: LineSettings, token: Secret, resume: Resume? = nil) {
        line = Line(settings: settings, token: token, resume: resume)
        remembersCall = resume != nil
    }

    package var resume: Resume? { line.resume }
    package var counters: LineCounters { line.counters }
    package var openSocket: Int? { line.openSocket }

    package mutating func heard(socket: Int, at now: Moment) {
        line.heard(socket: socket, at: now)
    }

    package var nextDeadline: Moment? {
        let offline = isLive ? offlineSince.map { $0 + Self.offlinePatience } : nil
        let sensors = line.openSocket == nil ? nil : sensors.nextDeadline
        return [line.nextDeadline, door.nextDeadline, sensors, offline].compactMap { $0 }.min()
    }

    package mutating func handle(
        _ input: ClientInput<PanelOrder>,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [ClientAction<PanelEvent>] {
        var out: [ClientAction<PanelEvent>] = []
        switch input {
        case .start: take(line.start(at: now), at: now, using: &random, into: &out)
        case .stop: take(line.stop(), at: now, using: &random, into: &out)
        case .token(let token): renew(token, at: now, using: &random, into: &out)
        case .opened(let socket):
            let actions = line.opened(socket: socket, at: now, using: &random)
            take(actions, at: now, using: &random, into: &out)
        case .received(let message, let socket):
            let actions = line.received(message, socket: socket, at: now, using: &random)
            take(actions, at: now, using: &random, into: &out)
        case .unreadable(let socket): line.unreadable(socket: socket, at: now)
        case .closed(let socket, let code):
            let actions = line.closed(socket: socket, code: code, at: now, using: &random)
            take(actions, at: now, using: &random, into: &out)
        case .tick: tick(at: now, using: &random, into: &out)
        case .order(let order): obey(order, at: now, using: &random, into: &out)
        }
        settle(into: &out)
        return out
    }

    // MARK: What is told

    var isLive: Bool { if case .live = state { true } else { false } }

    /// A guest stands there: a press whose answer is lost must be noticed soon, too.
    private var isInCall: Bool {
        switch state {
        case .starting, .live: true
        case .idle, .ended: false
        }
    }

    /// Tells what changed: the screen, and what may be sent.
    private mutating func settle(into out: inout [ClientAction<PanelEvent>]) {
        line.isInCall = isInCall
        if screen != shown {
            shown = screen
            out.append(.report(.screen(shown)))
        }
        if mayDo != right {
            right = mayDo
            out.append(.report(.media(right)))
        }
    }

    /// What the panel shows now.
    package var screen: PanelScreen {
        switch state {
        case .idle: .idle
        case .starting(let starting):
            starting.isCancelled ? .ended(call: nil, .here) : .starting(unit: starting.unit)
        case .live(let live):
            live.isActive
                ? .active(call: live.call, answeredBy: live.answeredBy, media: live.media)
                : .ringing(call: live.call, unit: live.unit)
        case .ended(let call, let ending): .ended(call: call, ending)
        }
    }

    /// What may be sent now.
    package var mayDo: MediaRight? {
        guard case .live(let live) = state, line.openSocket != nil else { return nil }
        return MediaRight(
            call: live.call,
            handle: live.handle,
            audio: live.isActive,
            video: true,
            bitsPerSecond: live.isActive ? limit : min(limit, Self.ringingBits)
        )
    }
}
