// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// The development log: writes a line for each notice instead of sending it.
///
/// Neither the token nor a key nor a name is in the line.
public final class LogNotifier: Notifier {
    private let write: @Sendable (String) -> Void
    private let isOpen = Locked(true)

    /// Its name in registrations.
    public let name: String

    /// Writes through `write`, which is called from any thread, a line at a time.
    public init(name: String = "log", write: @escaping @Sendable (String) -> Void) {
        self.name = name
        self.write = write
    }

    /// Writes the line.
    public func send(
        _ notice: Notice,
        to registration: Registration,
        within allowance: Duration
    ) async -> Verdict {
        guard isOpen.withLock({ $0 }) else { return .failed(reason: PushReason.shutdown) }
        guard notice.remaining > .zero else { return .failed(reason: PushReason.expired) }
        guard !registration.token.isEmpty else {
            return .rejectedToken(reason: "empty_token", since: nil)
        }
        let call = notice.call.map { " \($0)" } ?? ""
        write(
            "push \(notice.kind)\(call) to \(registration.device), token "
                + "#\(registration.tokenMark), seq \(notice.seq), "
                + "\(notice.remaining.milliseconds) ms left (\(notice.push))"
        )
        return .accepted(reference: nil)
    }

    /// Writes nothing from now on.
    public func shutdown() async {
        isOpen.withLock { $0 = false }
    }
}
