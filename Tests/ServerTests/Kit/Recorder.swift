// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleNotifier

/// A notifier that keeps what it is given.
final class Recorder: Notifier {
    let name = "recorder"
    private let notices = Locked<[(device: DeviceID, notice: Notice)]>([])

    func send(
        _ notice: Notice,
        to registration: Registration,
        within allowance: Duration
    ) async -> Verdict {
        notices.withLock { $0.append((registration.device, notice)) }
        return .accepted(reference: nil)
    }

    /// The devices that had a notice of this kind about this call.
    func devices(_ kind: NoticeKind, _ call: CallID) -> Set<DeviceID> {
        let found = notices.withLock {
            $0.filter { $0.notice.kind == kind && $0.notice.call == call }
        }
        return Set(found.map(\.device))
    }

    func notice(_ kind: NoticeKind, _ call: CallID) -> Notice? {
        notices.withLock { $0.first { $0.notice.kind == kind && $0.notice.call == call } }?.notice
    }
}
