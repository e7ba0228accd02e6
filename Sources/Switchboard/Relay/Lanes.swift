// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// What waits for one receiver, in three lanes: control before audio before video.
///
/// Lent by the relay while something waits and given back when nothing does.
final class Lanes {
    var control = Lane()

    /// Audio, and the reports.
    var audio = Lane()
    var video = Lane()

    /// What a lender keeps is what a hiccup needs, not what a long stall grew to.
    static let mostKept = 64 * 1024

    var isEmpty: Bool { control.count == 0 && audio.count == 0 && video.count == 0 }
    var mediaBytes: Int { audio.bytes + video.bytes }

    /// When the media came that waits the longest; nil where none does.
    var oldest: Moment? {
        guard let audio = audio.first?.arrival else { return video.first?.arrival }
        return video.first.map { min($0.arrival, audio) } ?? audio
    }

    var held: Int { control.held + audio.held + video.held }

    /// Forgets all that waits, uncounted; the storage is kept.
    func clear() {
        control.sift { _ in .drop }
        audio.sift { _ in .drop }
        video.sift { _ in .drop }
    }

    /// Drops the media whose first byte waited longer than `age`; true where something was.
    func expire(_ age: Duration, at now: Moment) -> Bool {
        let oldest = now - age
        var found = false
        while let first = audio.first, first.arrival < oldest {
            dropFirstAudio(.expired)
            found = true
        }
        while let first = video.first, first.arrival < oldest {
            breakChain(of: first, .expired)
            found = true
        }
        return found
    }

    /// Drops until `size` more bytes of media may wait; true where something was.
    ///
    /// All video goes before any audio, and audio goes for audio only.
    func makeRoom(for size: Int, of flow: Flow, within most: Int) -> Bool {
        var found = false
        while mediaBytes + size > most, let first = video.first {
            breakChain(of: first, .laneFull)
            found = true
        }
        guard flow != .video else { return found }
        while mediaBytes + size > most, audio.count > 0 {
            dropFirstAudio(.laneFull)
            found = true
        }
        return found
    }

    /// Drops all that waits for one stream, which ended.
    func purge(_ outlet: Outlet) {
        let key = Unmanaged.passUnretained(outlet).toOpaque()
        let choose = { (waiting: Waiting) -> Lane.Choice in
            guard waiting.outlet?.toOpaque() == key else { return .keep }
            outlet.lost(waiting.flow, .ended, older: true)
            return .drop
        }
        audio.sift(choose)
        video.sift(choose)
    }

    private func dropFirstAudio(_ reason: DropReason) {
        guard let first = audio.first else { return }
        first.outlet?.takeUnretainedValue().lost(first.flow, reason, older: true)
        audio.removeFirst()
    }

    /// Drops a frame at the front and all video of its stream up to a key frame.
    ///
    /// Where no key frame waits, the stream's gate is shut.
    private func breakChain(of first: Waiting, _ reason: DropReason) {
        guard let outlet = first.outlet?.takeUnretainedValue() else { return }
        let key = first.outlet?.toOpaque()
        var reason = reason
        var isWhole = false
        video.sift { waiting in
            guard waiting.outlet?.toOpaque() == key else { return .keep }
            if reason == .awaitingKey, waiting.isKey {
                isWhole = true
                return .stop
            }
            outlet.lost(.video, reason, older: true)
            reason = .awaitingKey
            return .drop
        }
        if !isWhole { outlet.needsKey = true }
    }
}
