// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleBasics

/// Where a scenario plays: the loop, the server's address and building, what is sent and measured.
final class Stage {
    let kit: MediaKit
    let server: ServerUnderTest
    let progress: Progress

    /// What the measured window took; nil before it was closed.
    private(set) var window: Window?

    /// Windows of a scenario that has several, in their order.
    private(set) var stretches: [Stretch] = []

    /// Processor seconds that this process spends on clients which are not measured; see ``Crowd``.
    var aside: (() -> Double)?
    private var opened: Reading?

    /// A window that closed waits so long at least, and at most, for its frames that are under way:
    /// those that come late are the slowest of it.
    private let afterglow = Duration.milliseconds(300)
    private let mostAfterglow = Duration.seconds(5)

    /// Reads the server's `/metrics` for plots; nil where nobody wants them.
    private let watch: MetricsWatch?

    /// What others read of them.
    private var scrapes: [ServerMetrics] = []

    init(kit: MediaKit, server: ServerUnderTest, progress: Progress, watch: MetricsWatch? = nil) {
        self.kit = kit
        self.server = server
        self.progress = progress
        self.watch = watch
    }

    /// All that was read of the server's `/metrics` so far, by whomever.
    var pages: [ServerMetrics] { (watch?.pages.map(\.metrics) ?? []) + scrapes }

    /// Reads them once more: what came since somebody read them last.
    func scrape() throws(LoadFailure) -> ServerMetrics {
        let page = try server.metrics()
        scrapes.append(page)
        return page
    }

    /// What a sampler read belongs to ``pages``.
    func keep(_ sampler: Sampler) { scrapes += sampler.samples.compactMap(\.metrics) }

    var loop: EpollLoop { kit.loop }
    var measures: Measures { kit.measures }

    /// Runs the loop until `end`.
    func run(until end: Moment) throws(LoadFailure) {
        while loop.now < end {
            loop.run(until: min(end, EpollLoop.clock() + .milliseconds(200)))
            try look()
        }
    }

    /// Runs the loop until `isDone`, looked at every so often; fails after `patience`.
    func run(
        _ what: String,
        patience: Duration,
        every step: Duration = .milliseconds(20),
        until isDone: () -> Bool
    ) throws(LoadFailure) {
        let deadline = EpollLoop.clock() + patience
        while !isDone() {
            loop.run(until: EpollLoop.clock() + step)
            try look()
            if loop.now > deadline {
                let reason = loop.lastConnectFailure.map { "; the last connect failed: \($0)" }
                throw .late("\(what): not done after \(patience)\(reason ?? "")")
            }
        }
    }

    private func look() throws(LoadFailure) {
        try Interruption.check()
        if let failure = loop.lastConnectFailure, failure.isOurs {
            throw .system("open a socket: \(failure.call)", failure.code)
        }
        if let trouble = server.trouble { throw .program(trouble, log: "") }
    }

    // MARK: The window

    /// From now on processor time and frames count.
    func openWindow() {
        measures.openWindow(at: loop.now)
        _ = loop.takeWorstLag()
        progress.windowOpened()
        opened = Reading(self)
    }

    /// And from now on no more.
    func closeWindow() {
        guard let opened else { return }
        measures.closeWindow(at: loop.now)
        window = Window(from: opened, to: Reading(self), worstLag: progress.worstLag)
    }

    /// Measures for so long: a window of several.
    @discardableResult
    func measure(_ name: String, for time: Duration) throws(LoadFailure) -> Stretch {
        progress.phase("\(name): measuring for \(time)")
        openWindow()
        try run(until: loop.now + time)
        return try closeStretch(name)
    }

    /// Until each frame of the window is here, or one after it is.
    private func awaitLate() throws(LoadFailure) {
        let end = loop.now + mostAfterglow
        try run(until: loop.now + afterglow)
        while measures.underWay > 0, loop.now < end {
            try run(until: loop.now + .milliseconds(20))
        }
    }

    /// Closes the window that is open, and keeps what it found.
    ///
    /// `bound`: what its sound is held against, in microseconds.
    func closeStretch(_ name: String, bound: Int? = nil) throws(LoadFailure) -> Stretch {
        closeWindow()
        try awaitLate()
        guard let window else { preconditionFailure("A window is opened before it is closed") }
        let stretch = Stretch(
            name: name,
            window: window,
            audio: measures.audio.percentiles,
            video: measures.video.percentiles,
            lateness: measures.lateness.percentiles,
            bound: bound
        )
        stretches.append(stretch)
        return stretch
    }

    /// What stands on the clocks and counters at one moment.
    struct Reading {
        let moment: Moment
        let framesSent: Int
        let framesArrived: Int
        let server: ProcessorTime?
        let generator: ProcessorTime?
        let aside: Double

        init(_ stage: Stage) {
            moment = EpollLoop.clock()
            framesSent = stage.measures.framesSent
            framesArrived = stage.measures.framesArrived
            server = stage.server.process.flatMap { ProcessorTime(of: $0) }
            generator = ProcessorTime(of: getpid())
            aside = stage.aside?() ?? 0
        }
    }
}

/// One window of several: what it took, and what was measured in it.
struct Stretch: Codable {
    let name: String
    let window: Window
    let audio: Percentiles
    let video: Percentiles
    let lateness: Percentiles

    /// What its sound is held against, in microseconds; nil where it is only stated.
    var bound: Int?

    /// What the generator's lateness is measured by: what is held against a bound is the worse for
    /// it, and falsified only once it is a part of that.
    var stated: Int { max(audio.p99, bound ?? 0) }
}

/// What the measured window took.
struct Window: Codable {
    let seconds: Double
    let framesSent: Int
    let framesArrived: Int

    /// Processor seconds; nil where the server's process is not known.
    let serverUser: Double?
    let serverSystem: Double?

    /// Without what was spent on clients that are not measured.
    let generator: Double

    /// Seconds in which the server's threads, and the generator, could have run, but others had the
    /// core: the machine was not theirs alone.
    let serverWaited: Double?
    let generatorWaited: Double

    /// The furthest that the generator's loop was behind, in microseconds.
    let worstLag: Int

    init(from begin: Stage.Reading, to end: Stage.Reading, worstLag: Duration) {
        seconds = Double((end.moment - begin.moment).nanoseconds) / 1e9
        framesSent = end.framesSent - begin.framesSent
        framesArrived = end.framesArrived - begin.framesArrived
        let server = end.server.flatMap { last in begin.server.map { last - $0 } }
        serverUser = server?.user
        serverSystem = server?.system
        let own = end.generator.flatMap { last in begin.generator.map { last - $0 } }
        generator = max(0, (own?.seconds ?? 0) - (end.aside - begin.aside))
        serverWaited = server?.waited
        generatorWaited = own?.waited ?? 0
        self.worstLag = Int(worstLag.nanoseconds / 1_000)
    }

    /// Server processor seconds, in all.
    var serverSeconds: Double? { serverUser.flatMap { user in serverSystem.map { user + $0 } } }

    /// The first of the two numbers.
    var microsecondsPerFrame: Double? {
        framesArrived == 0 ? nil : serverSeconds.map { $0 * 1e6 / Double(framesArrived) }
    }

    /// What the numbers of a report are made from.
    var cost: Numbers.Cost? {
        guard let microseconds = microsecondsPerFrame, let user = serverUser,
            let system = serverSystem
        else { return nil }
        return Numbers.Cost(
            microseconds: microseconds,
            user: user / seconds,
            system: system / seconds
        )
    }

    var serverCores: Double? { serverSeconds.map { $0 / seconds } }
    var generatorCores: Double { generator / seconds }
}
