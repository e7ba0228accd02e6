// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleEventLoop
import VestibuleFaultProxy
import VestibuleWire

/// A call whose device is behind a proxy: the panel sends sound, picture and numbered signals, and
/// it is noted when and how they came.
final class SlowCall: Sendable {
    /// What came, by kind; the pictures with whether they are key frames.
    struct Came {
        var audio: [UInt16] = []
        var video: [(number: UInt16, isKey: Bool)] = []

        /// No inter frame comes after a gap.
        var picturesFollow: Bool {
            zip(video, video.dropFirst()).allSatisfy { last, next in
                next.isKey || next.number == last.number &+ 1
            }
        }
    }

    let proxy: FaultProxy
    private let bench: FaultBench
    private let talk: Talk
    private let sent = Locked<[Moment]>([])
    private let counts = Locked<[MediaKind: Int]>([:])
    private let arrived: Locked<[(activity: MediaActivity, at: Moment)]>
    private let wantsKey: Locked<Bool>

    private init(
        _ bench: FaultBench,
        _ proxy: FaultProxy,
        _ talk: Talk,
        _ arrived: Locked<[(activity: MediaActivity, at: Moment)]>,
        _ wantsKey: Locked<Bool>
    ) {
        self.bench = bench
        self.proxy = proxy
        self.talk = talk
        self.arrived = arrived
        self.wantsKey = wantsKey
    }

    static func begin(_ bench: FaultBench, seed: UInt64) async throws -> SlowCall {
        let (arrived, wantsKey) = (
            Locked<[(activity: MediaActivity, at: Moment)]>([]), Locked(true)
        )
        let proxy = try await bench.proxy(seed: seed, receiveBuffer: 4_096)
        let straight = try await bench.proxy()
        let panel = try await bench.peer(bench.building.panel(), by: straight) { message in
            if case .event(_, .mediaKeyframe) = message { wantsKey.withLock { $0 = true } }
            return nil
        }
        let device = try await bench.peer(bench.building.device(), by: proxy) { message in
            if case .event(_, .callMedia(_, let activity)) = message {
                arrived.withLock { $0.append((activity, EventLoop.readMoment())) }
            }
            return nil
        }
        let talk = try await Talk.begin(panel, calls: bench.building.unit(), device)
        return SlowCall(bench, proxy, talk, arrived, wantsKey)
    }

    /// Signals go round the four states, so that their order shows.
    private static func activity(_ number: Int) -> MediaActivity {
        MediaActivity(audio: number & 1 == 0, video: number & 2 == 0)
    }

    /// Sends 50 sounds and 12 pictures of 4 KB a second, and four signals.
    func send(for length: Duration) async throws {
        var frames = Frames(handle: talk.handle)
        let end = EventLoop.readMoment() + length
        var tick = 0
        while EventLoop.readMoment() < end {
            var batch = [frames.audio(bytes: 100)]
            if tick % 4 == 0 {
                let isKey = wantsKey.withLock { wants in
                    defer { wants = false }
                    return wants
                }
                batch.append(isKey ? frames.key(bytes: 4_000) : frames.inter(bytes: 4_000))
                counts.withLock { $0[.video, default: 0] += 1 }
            }
            counts.withLock { $0[.audio, default: 0] += 1 }
            try await talk.panel.send(frames: batch)
            if tick % 12 == 0 {
                try await signal()
                // As reports do: the device shows that it lives.
                try await talk.device.send(frame: talk.nextAudio(ofPanel: false))
            }
            tick += 1
            await bench.clients.pass(.milliseconds(20))
        }
        try await signal()
    }

    private func signal() async throws {
        let number = sent.withLock { sent in
            sent.append(EventLoop.readMoment())
            return sent.count - 1
        }
        try await talk.panel.says(.callMedia(talk.call, Self.activity(number)))
    }

    /// Waits for all signals, in their order; the longest that one took.
    func everySignalCame() async throws -> Duration {
        let all = sent.withLock { $0 }
        try await bench.clients.eventually("every signal came") {
            arrived.withLock { $0.count } >= all.count
        }
        let came = arrived.withLock { $0 }
        for (number, signal) in came.enumerated()
        where signal.activity != Self.activity(number) {
            throw Disappointment("signal \(number) came in another order")
        }
        return zip(all, came).map { $1.at - $0 }.max() ?? .zero
    }

    func frames() async throws -> Came {
        var came = Came()
        try await talk.device.asks(.ping)
        for case .frame(let bytes) in try await talk.device.takeUnheard() {
            let number = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
            if bytes.isVideo {
                came.video.append((number, bytes[1] & MediaFlags.key.rawValue != 0))
            } else {
                came.audio.append(number)
            }
        }
        return came
    }

    /// Which part of what was sent that is.
    func share(_ count: Int, of kind: MediaKind) -> Double {
        let all = counts.withLock { $0[kind] ?? 0 }
        return all == 0 ? 1 : Double(count) / Double(all)
    }
}

extension [UInt16] {
    var isStrictlyRising: Bool { zip(self, dropFirst()).allSatisfy { $0 < $1 } }
}
