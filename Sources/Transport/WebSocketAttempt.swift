// SPDX-License-Identifier: Apache-2.0

import VestibuleEventLoop

/// A client's connection on its way to being open: the addresses that are left to try.
///
/// Loop-confined.
final class WebSocketAttempt {
    let connection: WebSocketConnection
    let target: WebSocketTarget
    var addresses: ArraySlice<String> = []

    /// What the last address failed with.
    var reason = "no connection"

    /// Whether libwebsockets has said that the present address failed.
    var hasTold = false
    var lookup: NameLookup?
    var timer: TimerToken?

    init(_ connection: WebSocketConnection, _ target: WebSocketTarget) {
        self.connection = connection
        self.target = target
    }
}
