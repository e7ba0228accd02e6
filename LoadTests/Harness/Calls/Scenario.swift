// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// A way to use a server: who comes when, does what, and what must have come of it in the end.
///
/// It drives the clients of a ``Stage`` from the first socket to the last. What it measures lands
/// in the stage's ``Measures``, what must not happen among their faults; the runner around it does
/// the rest, the same for all: the server, its accounts, the generator's own lag, the report.
protocol Scenario {
    /// As it is called on the command line and in reports.
    static var name: String { get }

    /// What the building must have.
    var needs: BuildingNeeds { get }

    /// From nothing to nothing.
    mutating func run(on stage: Stage) throws(LoadFailure)

    /// Frames of all parties that it had.
    var traffic: Traffic { get }

    /// What the server's history must tell of the calls made.
    func check(_ history: [PastCall], _ measures: Measures)
}

/// Frames of one kind: sent by all parties, and arrived at all.
struct Passage: Codable {
    var sent = 0
    var arrived = 0

    var missing: Int { sent - arrived }
}

/// Frames of each kind that the server relays.
struct Traffic {
    var audio = Passage()
    var video = Passage()
    var reports = Passage()

    mutating func add(_ party: Party) {
        audio.sent += party.audio.count
        video.sent += party.video.count
        reports.sent += party.reports.count
        audio.arrived += party.arrivedAudio.count
        video.arrived += party.arrivedVideo.count
        reports.arrived += party.arrivedReports.count
    }
}
