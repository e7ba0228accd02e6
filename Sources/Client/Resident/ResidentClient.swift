// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleWire

/// A resident's device over the public protocol: the calls offered to it, its part in them, doors.
///
/// The server's snapshots decide how a call stands; nothing is guessed from what was asked, except
/// that an end asked for here stops the media at once.
package struct ResidentClient: ClientMachine {
    package typealias Order = ResidentOrder
    package typealias Report = ResidentEvent

    var line: Line

    /// Live calls and tombstones, oldest first.
    package internal(set) var calls: [ResidentCall] = []

    /// Calls whose end was asked for here.
    var leaving: Set<CallID> = []
    var offlineSince: Moment?
    var limit = 4_000_000
    private let acknowledgesRinging: Bool
    private var right: MediaRight?

    enum Purpose: Sendable, Equatable {
        case answer(CallID)
        case preview(CallID)
        case renewal
        case nothing
    }

    /// What a call's answer is for, and whom to tell.
    struct Asked: Sendable, Equatable {
        let purpose: Purpose
        let tag: Int?
    }

    var asked: [Int: Asked] = [:]

    /// A ring stops by itself this long after its time, should nobody tell.
    static let ringPatience = Duration.seconds(2)

    /// A call without a connection for this long is over: the server's grace is shorter.
    static let offlinePatience = Duration.seconds(30)

    /// Calls that are remembered; a household has few, and the oldest ended ones go first.
    static let most = 64

    /// A device that has not connected yet.
    ///
    /// With `acknowledgesRinging`, `call.ringing` is sent as soon as a call is offered; an app that
    /// rings only after its own checks sends it by itself.
    package init(
        settings: LineSettings,
        token: Secret,
        resume: Resume? = nil,
        acknowledgesRinging: Bool = true
    ) {
        line = Line(settings: settings, token: token, resume: resume)
        self.acknowledgesRinging = acknowledgesRinging
    }

    package var resume: Resume? { line.resume }
    package var counters: LineCounters { line.counters }
    package var openSocket: Int? { line.openSocket }

    package mutating func heard(socket: Int, at now: Moment) {
        line.heard(socket: socket, at: now)
    }

    package var nextDeadline: Moment? {
        let rings = calls.filter(\.isRinging).map { $0.ringsUntil + Self.ringPatience }.min()
        let offline =
            calls.contains(where: \.isMine)
            ? offlineSince.map { $0 + Self.offlinePatience } : nil
        return [line.nextDeadline, rings, offline].compactMap { $0 }.min()
    }

    package mutating func handle(
        _ input: ClientInput<ResidentOrder>,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [ClientAction<ResidentEvent>] {
        var out: [ClientAction<ResidentEvent>] = []
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

    private mutating func settle(into out: inout [ClientAction<ResidentEvent>]) {
        line.isInCall = calls.contains(where: \.isMine)
        guard mayDo != right else { return }
        right = mayDo
        out.append(.report(.media(right)))
    }

    /// What may be sent now: to the call that this device answered, while it is connected.
    package var mayDo: MediaRight? {
        guard line.openSocket != nil,
            let call = calls.first(where: { $0.isMine && !leaving.contains($0.call) })
        else { return nil }
        return MediaRight(
            call: call.call,
            handle: call.handle,
            audio: true,
            video: true,
            bitsPerSecond: limit
        )
    }

    /// Acknowledges that this device rings, where the app leaves that to the client.
    mutating func acknowledge(
        _ call: ResidentCall,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout [ClientAction<ResidentEvent>]
    ) {
        guard acknowledgesRinging, call.isRinging else { return }
        ask(.callRinging(call.call), patience: .fleeting, at: now, using: &random, into: &out)
    }
}
