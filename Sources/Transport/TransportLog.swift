// SPDX-License-Identifier: Apache-2.0

import CVestibuleWebSockets
import VestibuleBasics

/// Where libwebsockets' own lines go: nowhere until somebody listens.
///
/// Only its errors and warnings are passed on. They may name what a peer sent; they are for the
/// operator, not for the peer.
package enum TransportLog {
    private static let receiver = Locked<(@Sendable (_ isError: Bool, _ line: String) -> Void)?>(
        nil
    )

    /// Sends the lines to `receiver`, for the whole process; called on any loop's thread.
    package static func route(
        to newReceiver: @escaping @Sendable (_ isError: Bool, _ line: String) -> Void
    ) {
        receiver.withLock { $0 = newReceiver }
        capture()
    }

    /// Takes the lines away from stderr.
    static func capture() {
        vestibule_lws_log_to { level, line in
            guard let line, let receiver = TransportLog.receiver.withLock({ $0 }) else { return }
            var text = String(cString: line)
            while text.last?.isNewline == true { text.removeLast() }
            receiver(vestibule_lws_is_error(level) != 0, text)
        }
    }
}
