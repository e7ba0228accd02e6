// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Merges the key-frame requests of several receivers to one sender.
///
/// At most one in an interval, with the smallest of the sizes wanted; one repeat where no key frame
/// came; a key frame that came answers all requests made before it.
struct KeyFrameDesk {
    private let interval: Duration
    private let patience: Duration
    private var askedAt: Moment?
    private var asked = 0
    private var isAwaited = false
    private var isRepeated = false
    private var pending: Int?

    /// `interval` lies between two requests, `patience` before the one repeat.
    init(interval: Duration, patience: Duration) {
        self.interval = interval
        self.patience = patience
    }

    /// When ``tick(at:)`` has something to ask.
    var deadline: Moment? {
        guard let askedAt else { return nil }
        if pending != nil { return askedAt + interval }
        return isAwaited && !isRepeated ? askedAt + patience : nil
    }

    /// A receiver wants a key frame of at most `size` bytes; the size to ask for where it is time.
    mutating func want(_ size: Int, at now: Moment) -> Int? {
        if let askedAt {
            if isAwaited, size >= asked, now - askedAt < patience { return nil }
            if now - askedAt < interval {
                pending = min(pending ?? size, size)
                return nil
            }
        }
        isRepeated = false
        return ask(min(pending ?? size, size), at: now)
    }

    /// The sender sent a key frame.
    mutating func keyFrameCame() {
        isAwaited = false
        pending = nil
    }

    /// The size to ask for, where it is time for a postponed request or the repeat.
    mutating func tick(at now: Moment) -> Int? {
        guard let deadline, deadline <= now else { return nil }
        if let pending {
            isRepeated = false
            return ask(pending, at: now)
        }
        isRepeated = true
        return ask(asked, at: now)
    }

    private mutating func ask(_ size: Int, at now: Moment) -> Int {
        askedAt = now
        asked = size
        isAwaited = true
        pending = nil
        return size
    }
}
