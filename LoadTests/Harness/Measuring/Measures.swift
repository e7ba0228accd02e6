// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
package import VestibuleClient

/// What must not happen, whatever the load.
package enum Fault: String, Codable, CaseIterable {
    /// A connection was lost.
    case lostConnection

    /// A call was refused, or rang for nobody.
    case failedCall

    /// A call ended otherwise than it was ended.
    case wrongOutcome

    /// A door that was to open did not, or nobody was told.
    case unlockFailed

    /// A frame that is none.
    case malformed

    /// A frame that nobody sent.
    case unknownFrame

    /// Frames are missing, and the next one does not say so.
    case silentGap

    /// A frame says that some before it were dropped, but none was.
    case falseGap

    /// A frame came twice, or after a later one.
    case repeated

    /// A frame is not, byte for byte, what was sent.
    case altered

    /// A call was not over when its panel was wanted again.
    case overrun

    /// Two answered one call, or nobody won it.
    case wrongWinner

    /// History does not tell what happened.
    case wrongHistory

    /// An event of a session is missing, or came twice.
    case eventGap

    /// An answer to nothing that was asked, or a second one.
    case strayAnswer

    /// A message that could not be read.
    case unreadable
}

/// How often something must-not happened, and the first time in words.
package struct FaultCount: Codable {
    package let fault: Fault
    package var count: Int
    package let first: String

    package init(fault: Fault, count: Int, first: String) {
        self.fault = fault
        self.count = count
        self.first = first
    }
}

/// What the lines of clients noticed that must not be.
package struct Noticed: Sendable {
    private var gaps = 0
    private var strays = 0
    private var unreadable = 0

    package init() {}

    package mutating func add(_ counters: LineCounters) {
        gaps += counters.gaps + counters.duplicates
        strays += counters.strayAnswers
        unreadable += counters.unreadable
    }

    /// Those that happened, and how often.
    package var faults: [(fault: Fault, count: Int)] {
        [(.eventGap, gaps), (.strayAnswer, strays), (.unreadable, unreadable)].filter { $0.1 > 0 }
    }
}

/// All that one run measures; confined to the thread of the loop.
///
/// Times of frames count for those that were due in the window: not while calls are set up, which
/// are another load, and not when it ends.
final class Measures {
    /// Press → `call.incoming` at the resident's device.
    var ring = Latency()

    /// Answer → first picture at the resident's device.
    var answer = Latency()

    /// Unlock → the command at the panel.
    var door = Latency()

    /// Unlock → its result at the resident's device.
    var unlock = Latency()

    /// Cancelled at the panel → silent at a device that rang.
    var cancel = Latency()

    /// A call ended by one → each other one knows.
    var ended = Latency()

    /// Frames, from when they were due to their arrival.
    private(set) var audio = Latency()
    private(set) var video = Latency()

    /// Frames that were due, until the kernel had them, and presses, until they were made: the
    /// generator's own part.
    private(set) var lateness = Latency()

    /// Audio and video frames so far.
    private(set) var framesSent = 0
    private(set) var framesArrived = 0

    /// Frames that did not leave, because the kernel took no more.
    private(set) var framesNotSent = 0

    /// `media.keyframe` and `media.rate`.
    var keyFrameRequests = 0
    var rateHints = 0

    /// Calls in which both sides may send.
    var talking = 0

    private(set) var faults: [FaultCount] = []

    /// Frames of the window that are neither here nor known to be gone.
    private(set) var underWay = 0
    private var begin = Moment(nanoseconds: .max)
    private var end = Moment(nanoseconds: .max)

    /// Frames that are due from now on count, and no others: of an earlier window nothing is left.
    func openWindow(at now: Moment) {
        (begin, end) = (now, Moment(nanoseconds: .max))
        (audio, video, lateness) = (Latency(), Latency(), Latency())
        underWay = 0
    }

    /// Frames that are due from now on count no more; those under way do.
    func closeWindow(at now: Moment) { end = now }

    private func counts(_ due: Moment) -> Bool { due >= begin && due < end }

    func sent(due: Moment) {
        framesSent &+= 1
        if counts(due) { underWay += 1 }
    }

    /// The kernel has it.
    func left(due: Moment, at now: Moment) {
        if counts(due) { lateness.record(from: due, to: now) }
    }

    /// A frame that will not come: the one after it is here.
    func gone(due: Moment) { if counts(due) { underWay -= 1 } }

    /// A person's press, due and done.
    func pressed(due: Moment, at now: Moment) {
        if counts(due) { lateness.record(from: due, to: now) }
    }

    func notSent() { framesNotSent += 1 }

    func arrivedAudio(due: Moment, at now: Moment) {
        framesArrived &+= 1
        guard counts(due) else { return }
        underWay -= 1
        audio.record(from: due, to: now)
    }

    func arrivedVideo(due: Moment, at now: Moment) {
        framesArrived &+= 1
        guard counts(due) else { return }
        underWay -= 1
        video.record(from: due, to: now)
    }

    func fault(_ fault: Fault, _ words: @autoclosure () -> String) {
        if let index = faults.firstIndex(where: { $0.fault == fault }) {
            faults[index].count += 1
        } else {
            faults.append(FaultCount(fault: fault, count: 1, first: words()))
        }
    }

    /// What a client's own line noticed: events are gapless, and each request has one answer.
    func check(_ counters: LineCounters, of who: String) {
        var noticed = Noticed()
        noticed.add(counters)
        check(noticed, of: "a \(who)")
    }

    /// The same of several clients.
    func check(_ noticed: Noticed, of who: String) {
        for (kind, count) in noticed.faults { fault(kind, "\(count) at \(who)") }
    }

    /// The last second's distributions.
    struct Recent {
        let audio: Percentiles
        let video: Percentiles
        let ring: Percentiles
        let unlock: Percentiles
        let lateness: Percentiles
    }

    /// What was measured since this was last asked.
    func takeRecent() -> Recent {
        Recent(
            audio: audio.takeRecent(),
            video: video.takeRecent(),
            ring: ring.takeRecent(),
            unlock: unlock.takeRecent(),
            lateness: lateness.takeRecent()
        )
    }
}
