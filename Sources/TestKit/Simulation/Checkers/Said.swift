// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCallCore
import VestibuleWire

/// What a message says of one call.
struct CallSaid {
    let call: CallID
    var state: VestibuleWire.CallState?
    var you: Part?
    var answeredBy: AnsweredBy?
    var outcome: Outcome?

    /// An entry of `welcome.calls`.
    var isEntry = false

    /// A replayed event: for the log, not for the screen.
    var isReplay = false
}

extension CallSaid {
    /// The outcome as history has it: where quiet hours alone keep everybody away the panel hears
    /// `unreachable`, and history says `missed`.
    func outcome(in record: RecordSeen) -> Outcome? {
        guard outcome == .unreachable, let call = record.calls[call], call.outcome == .missed,
            call.plan.groups.isEmpty
        else { return outcome }
        return .missed
    }
}

extension ServerEvent {
    /// The call that this event is about; doors have a life of their own.
    var aboutCall: CallID? {
        switch self {
        case .callPeer(let call, _, _), .callEnding(let call, _), .callMedia(let call, _),
            .mediaKeyframe(let call, _), .mediaRate(let call, _):
            call
        case .panelCallState(let state): state.call
        case .callIncoming(let offer): offer.call
        case .callState(let state): state.call
        default: nil
        }
    }

    var said: CallSaid? {
        switch self {
        case .panelCallState(let told):
            CallSaid(
                call: told.call,
                state: told.state,
                answeredBy: told.answeredBy,
                outcome: told.outcome
            )
        case .callState(let told):
            CallSaid(
                call: told.call,
                state: told.state,
                you: told.you,
                answeredBy: told.answeredBy,
                outcome: told.outcome
            )
        case .callIncoming(let offer):
            CallSaid(call: offer.call, state: .ringing, you: .ringing)
        default: nil
        }
    }
}

extension Link {
    /// Whether an event of this number was told before this socket.
    func isReplay(_ number: Int) -> Bool {
        welcome.map { $0.resumed && number <= $0.seq } ?? false
    }

    /// Calls `body` with all that a message says of calls.
    func forEachCall(in message: ServerMessage, _ body: (CallSaid) -> Void) {
        switch message {
        case .event(let number, let event):
            guard var said = event.said else { return }
            said.isReplay = isReplay(number)
            body(said)
        case .welcome(_, let welcome):
            for entry in welcome.calls {
                body(
                    CallSaid(
                        call: entry.offer.call,
                        state: entry.state,
                        you: entry.you,
                        answeredBy: entry.answeredBy,
                        outcome: entry.outcome,
                        isEntry: true
                    )
                )
            }
        case .ok, .refused: break
        }
    }
}

/// A request of a principal, in whatever session it was asked.
struct RequestName: Hashable {
    let link: ObjectIdentifier
    let id: String

    init(_ link: Link, _ id: String) {
        self.link = ObjectIdentifier(link.peer)
        self.id = id
    }
}
