// SPDX-License-Identifier: Apache-2.0

/// What became of every frame of one kind: what was sent is what arrived and what the server names
/// as dropped.
struct Account: Codable {
    let flow: String
    let sent: Int
    let arrived: Int

    /// As the server counts what came in; differs from ``sent`` where it has other clients too.
    let takenByServer: Int

    /// Dropped by the server, by its own reasons.
    let dropped: [String: Int]

    var droppedInAll: Int { dropped.values.reduce(0, +) }

    /// Frames that nobody accounts for; 0 in a good run.
    ///
    /// They were lost without a word or, below 0, counted among the dropped although they arrived.
    var unaccounted: Int { sent - arrived - droppedInAll }

    /// The server's counters before the first and after the last frame make the difference.
    init(
        flow: String,
        _ passage: Passage,
        from before: ServerMetrics,
        to after: ServerMetrics
    ) {
        self.flow = flow
        sent = passage.sent
        arrived = passage.arrived
        func counted(_ family: String, _ labels: [String: String]) -> Int {
            after.sum(family, labels) - before.sum(family, labels)
        }
        takenByServer = counted("vestibule_frames_received_total", ["flow": flow])
        var dropped: [String: Int] = [:]
        // A frame is dropped where it came in, or where it should have gone out.
        for way in ["received", "delivered"] {
            let family = "vestibule_frames_\(way)_dropped_total"
            for reason in after.values(of: "reason", in: family) {
                let count = counted(family, ["flow": flow, "reason": reason])
                if count > 0 { dropped[reason, default: 0] += count }
            }
        }
        self.dropped = dropped
    }

    /// The three kinds of frames that are relayed.
    static func all(
        _ traffic: Traffic,
        from before: ServerMetrics,
        to after: ServerMetrics
    ) -> [Account] {
        [
            Account(flow: "audio", traffic.audio, from: before, to: after),
            Account(flow: "video", traffic.video, from: before, to: after),
            Account(flow: "report", traffic.reports, from: before, to: after),
        ]
    }
}
