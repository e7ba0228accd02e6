// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

extension PanelClient {
    mutating func answered(
        _ number: Int,
        _ result: Result<Answer, RequestFailure>,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        switch purposes.removeValue(forKey: number) {
        case .start: started(number, result, at: now, using: &random, into: &out)
        case .directory: paged(result, at: now, using: &random, into: &out)
        case .door(let told): doorTold(told, result, at: now)
        case .tagged(let tag): out.append(.report(.answered(tag: tag, result)))
        case .nothing, nil: break
        }
    }

    /// The press was answered: there is a call, or the reason why not.
    private mutating func started(
        _ number: Int,
        _ result: Result<Answer, RequestFailure>,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        guard case .starting(let starting) = state, starting.request == number else { return }
        switch result {
        case .failure(let failure):
            state = .ended(Self.call(of: failure), .failed(failure))
        case .success(let answer):
            guard let call = answer.call, let handle = answer.handle else {
                state = .ended(answer.call, .failed(.unanswered))
                return
            }
            let live = Live(call: call, handle: handle, unit: starting.unit)
            if starting.isCancelled {
                end(call, active: false, at: now, using: &random, into: &out)
                state = .ended(call, .here)
            } else if let early = starting.early, early.call == call {
                state = Self.changed(live, early)
            } else {
                state = .live(live)
            }
        }
    }

    private static func call(of failure: RequestFailure) -> CallID? {
        if case .refused(let refusal) = failure { refusal.call } else { nil }
    }

    private mutating func paged(
        _ result: Result<Answer, RequestFailure>,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        isDirectoryLoading = false
        switch result {
        case .success(let answer):
            advance(
                directory.received(answer.directory),
                at: now,
                using: &random,
                into: &out
            )
        case .failure(.refused(let refusal)) where refusal.code == .changedMeanwhile:
            advance(directory.changed(), at: now, using: &random, into: &out)
        // The next welcome or change begins again.
        case .failure: break
        }
    }

    /// A result counts as told when the server took it, or said that it never will.
    private mutating func doorTold(
        _ told: DoorResult,
        _ result: Result<Answer, RequestFailure>,
        at now: Moment
    ) {
        guard case .failure(.refused(let refusal)) = result else { return }
        switch refusal.code {
        case .busyServer, .rateLimited: door.postpone(told, at: now)
        default: break
        }
    }
}
