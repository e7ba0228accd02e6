// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

/// The course of a short call: who does what when, and how it may end.
struct Plot: Sendable {
    /// What a person does.
    enum Act: Equatable {
        /// The first device answers.
        case answer

        /// All devices answer in one turn.
        case answerAll

        /// The first device declines.
        case decline

        /// The guest gives up and the first device answers, in one turn.
        case giveUpOrAnswer

        /// The first device opens the door.
        case unlock

        /// Both ends stop sending: what is under way arrives before they hang up.
        case fallSilent

        /// Panel or device, in turn, ends the call.
        case hangUp
    }

    /// What is done so long after the press.
    let acts: [(after: Duration, act: Act)]

    /// Residents of the unit that is rung, and devices of each.
    var residents = 1
    var devices = 2

    /// How it may end.
    let outcomes: Set<Outcome>

    /// Whether picture and sound are sent.
    var hasMedia = false

    /// After it a call is over, if the server does not dawdle.
    let length: Duration

    /// What the server must be told.
    var settings: [String] = []

    /// People take longer to react, but not differently.
    private static let reaction = Duration.milliseconds(300)
}

extension Plot {
    /// The plot of a scenario; nil for one that is no short call.
    init?(_ name: ScenarioName) {
        switch name {
        case .calls, .idle, .storm, .slowReader, .twoLoops, .soak, .growth, .overload: return nil
        case .answerUnlock: self = .answerUnlock
        case .decline: self = .decline
        case .timeout: self = .timeout
        case .answerRace: self = .answerRace
        case .cancelRace: self = .cancelRace
        }
    }

    static let answerUnlock = Plot(
        acts: [
            (reaction, .answer), (.seconds(1), .unlock), (.milliseconds(2_000), .fallSilent),
            (.milliseconds(2_400), .hangUp),
        ],
        outcomes: [.completed],
        hasMedia: true,
        length: .milliseconds(2_500)
    )

    /// A talk of half a minute.
    static let talk = Plot(
        acts: [
            (reaction, .answer), (.seconds(1), .unlock), (.seconds(30), .fallSilent),
            (.milliseconds(30_400), .hangUp),
        ],
        outcomes: [.completed],
        hasMedia: true,
        length: .milliseconds(30_500)
    )

    private static let decline = Plot(
        acts: [(reaction, .decline)],
        outcomes: [.declined],
        length: .milliseconds(400)
    )

    private static let timeout = Plot(
        acts: [],
        outcomes: [.missed],
        length: .milliseconds(2_100),
        settings: ["limits.call.ring=2", "limits.call.ringLeast=1"]
    )

    private static let answerRace = Plot(
        acts: [(reaction, .answerAll), (.milliseconds(600), .hangUp)],
        residents: 2,
        outcomes: [.completed],
        length: .milliseconds(700)
    )

    private static let cancelRace = Plot(
        acts: [(reaction, .giveUpOrAnswer)],
        outcomes: [.cancelled, .completed],
        length: .milliseconds(400)
    )
}
