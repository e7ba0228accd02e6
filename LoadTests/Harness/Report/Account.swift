// SPDX-License-Identifier: Apache-2.0

/// What became of every frame of one kind: what was sent is what arrived and what the server names
/// as dropped.
package struct Account: Codable {
    package let flow: String
    package let sent: Int
    package let arrived: Int

    /// As the server counts what came in; differs from ``sent`` where it has other clients too.
    package let takenByServer: Int

    /// Dropped by the server, by its own reasons.
    package let dropped: [String: Int]

    package var droppedInAll: Int { dropped.values.reduce(0, +) }

    /// Of all that was sent; 0 where nothing was.
    package var dropShare: Double { sent == 0 ? 0 : Double(droppedInAll) / Double(sent) }

    /// Frames that nobody accounts for; 0 in a good run.
    ///
    /// They were lost without a word or, below 0, counted among the dropped although they arrived.
    package var unaccounted: Int { sent - arrived - droppedInAll }

    package init(
        flow: String,
        sent: Int,
        arrived: Int,
        takenByServer: Int,
        dropped: [String: Int]
    ) {
        self.flow = flow
        self.sent = sent
        self.arrived = arrived
        self.takenByServer = takenByServer
        self.dropped = dropped
    }

    /// The server's counters before the first and after the last frame make the difference.
    package init(
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

    /// Of those who must get everything: nothing is dropped for them, so what does not arrive is
    /// missing.
    static func whole(_ traffic: Traffic) -> [Account] {
        [("audio", traffic.audio), ("video", traffic.video), ("report", traffic.reports)].map {
            Account(
                flow: $0,
                sent: $1.sent,
                arrived: $1.arrived,
                takenByServer: $1.sent,
                dropped: [:]
            )
        }
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
