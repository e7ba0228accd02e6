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
        case .sensor: sensors.answered(number, result, at: now)
        case .renewal: renewed(result, into: &out)
        case .tagged(let tag): out.append(.report(.answered(tag: tag, result)))
        case .end, .nothing, nil: break
        }
    }

    /// The press was answered: there is a call, or the reason why not.
    ///
    /// What was told of the call meanwhile counts. A live call that is not this one is nobody's: an
    /// answer that never came may have begun it.
    private mutating func started(
        _ number: Int,
        _ result: Result<Answer, RequestFailure>,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        guard case .starting(let starting) = state, starting.request == number else { return }
        var own: CallID?
        switch result {
        case .failure(let failure):
            own = Self.call(of: failure)
            state = .ended(own, starting.isCancelled ? .here : .failed(failure))
        case .success(let answer):
            guard let call = answer.call, let handle = answer.handle else {
                state = .ended(answer.call, .failed(.unanswered))
                break
            }
            own = call
            begin(
                Live(call: call, handle: handle, unit: starting.unit),
                starting,
                at: now,
                using: &random,
                into: &out
            )
        }
        for seen in starting.seen where seen.isLive && seen.call != own {
            end(seen.call, active: seen.state == .active, at: now, using: &random, into: &out)
        }
    }

    private mutating func begin(
        _ live: Live,
        _ starting: Starting,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        let seen = starting.seen(live.call)
        guard starting.isCancelled else {
            state = seen.map { Self.changed(live, $0) } ?? .live(live)
            return
        }
        state = .ended(live.call, .here)
        guard seen?.state != .ended else { return }
        end(live.call, active: seen?.state == .active, at: now, using: &random, into: &out)
    }

    private static func call(of failure: RequestFailure) -> CallID? {
        if case .refused(let refusal) = failure { refusal.call } else { nil }
    }

    private func renewed(_ result: Result<Answer, RequestFailure>, into out: inout Output) {
        switch result {
        case .success: out.append(.report(.tokenRenewed))
        case .failure(let failure): out.append(.report(.tokenNotRenewed(failure)))
        }
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
