// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// A way to use a server: who comes when, does what, and what must have come of it in the end.
///
/// It drives the clients of a ``Stage`` from the first socket to the last. What it measures lands
/// in the stage's ``Measures``, what must not happen among their faults; the runner around it does
/// the rest, the same for all: the server, its accounts, the generator's own lag, the report.
protocol Scenario {
    /// As it is called on the command line and in reports.
    var name: String { get }

    /// What the building must have.
    var needs: BuildingNeeds { get }

    /// Settings of a server of ours, `key=value`, without which it would not do.
    var settings: [String] { get }

    /// Whether it is about a server that has to drop frames: else a healthy generator's arrive.
    var allowsDrops: Bool { get }

    /// Whether what a relayed frame costs is a figure of it.
    var isAboutFrames: Bool { get }

    /// Sockets that it opens, at most.
    var sockets: Int { get }

    /// Calls that live at once, at most.
    var callsAtOnce: Int { get }

    /// Calls that it makes, in all.
    var callsMade: Int { get }

    /// From nothing to nothing.
    mutating func run(on stage: Stage) throws(LoadFailure)

    /// Frames of all parties that it had.
    var traffic: Traffic { get }

    /// Of ``traffic`` that of parties who must get everything, where others need not; nil: it is
    /// not told apart.
    var healthyTraffic: Traffic? { get }

    /// What it found beside the figures of all; nil: nothing.
    var extra: Extra? { get }

    /// Frames of a kind that may have gone down with connections which the scenario let be closed.
    var excused: Int { get }

    /// Whether server and generator share cores by intent: then the generator's lateness and what
    /// the server waited for are stated, and refuse nothing.
    var sharesCores: Bool { get }

    /// Why sound that stood still is not held against the server; nil: it is.
    var mayStandStill: String? { get }

    /// What the server's history must tell of the calls made.
    func check(_ history: [PastCall], _ measures: Measures)
}

extension Scenario {
    var settings: [String] { [] }
    var allowsDrops: Bool { false }
    var isAboutFrames: Bool { false }
    var healthyTraffic: Traffic? { nil }
    var extra: Extra? { nil }
    var excused: Int { 0 }
    var sharesCores: Bool { false }
    var mayStandStill: String? { nil }
}

/// Frames of one kind: sent by all parties, and arrived at all.
package struct Passage: Codable {
    package var sent: Int
    package var arrived: Int

    package init(sent: Int = 0, arrived: Int = 0) {
        self.sent = sent
        self.arrived = arrived
    }

    var missing: Int { sent - arrived }
}

/// Frames of each kind that the server relays.
struct Traffic {
    var audio = Passage()
    var video = Passage()
    var reports = Passage()

    mutating func add(_ end: some MediaEnd) {
        audio.sent += end.audio.count
        video.sent += end.video.count
        reports.sent += end.reports.count
        audio.arrived += end.arrivedAudio.count
        video.arrived += end.arrivedVideo.count
        reports.arrived += end.arrivedReports.count
    }
}

/// One end of a call, whose frames are accounted for.
protocol MediaEnd {
    var audio: SentLane { get }
    var video: SentLane { get }
    var reports: SentLane { get }
    var arrivedAudio: ArrivedLane { get }
    var arrivedVideo: ArrivedLane { get }
    var arrivedReports: ArrivedLane { get }
}

extension Party: MediaEnd {}
extension AdaptiveEnd: MediaEnd {}
