// SPDX-License-Identifier: Apache-2.0

import CVestibuleUV

/// The four handles by which an ``EventLoop`` takes part in its libuv loop.
struct LoopHandles: @unchecked Sendable {
    private let async = UnsafeMutablePointer<uv_async_t>.allocate(capacity: 1)
    private let timer = UnsafeMutablePointer<uv_timer_t>.allocate(capacity: 1)
    private let check = UnsafeMutablePointer<uv_check_t>.allocate(capacity: 1)
    private let prepare = UnsafeMutablePointer<uv_prepare_t>.allocate(capacity: 1)

    /// Initialises the handles; of these calls only the first can fail (it opens a descriptor).
    func open(on loop: UnsafeMutablePointer<uv_loop_t>) throws(EventLoopError) {
        let failure = uv_async_init(loop, async) { handle in
            EventLoop.of(handle.unsafelyUnwrapped.pointee.data).woken()
        }
        guard failure == 0 else {
            deallocate()
            throw .unavailable(String(cString: uv_strerror(failure)))
        }
        uv_timer_init(loop, timer)
        uv_check_init(loop, check)
        uv_prepare_init(loop, prepare)
    }

    /// Names the loop that the callbacks reach and starts the two that run in each turn.
    func attach(_ owner: UnsafeMutableRawPointer) {
        async.pointee.data = owner
        timer.pointee.data = owner
        check.pointee.data = owner
        prepare.pointee.data = owner
        uv_check_start(check) { handle in
            EventLoop.of(handle.unsafelyUnwrapped.pointee.data).afterInput()
        }
        uv_prepare_start(prepare) { handle in
            EventLoop.of(handle.unsafelyUnwrapped.pointee.data).beforeSleep()
        }
    }

    /// Wakes the loop; the one call that any thread may make.
    func wake() {
        uv_async_send(async)
    }

    /// Arms the timer, counting from now and not from when the turn began.
    func arm(loop: UnsafeMutablePointer<uv_loop_t>, milliseconds: UInt64) {
        uv_update_time(loop)
        uv_timer_start(
            timer,
            { handle in EventLoop.of(handle.unsafelyUnwrapped.pointee.data).timerFired() },
            milliseconds,
            0
        )
    }

    /// Lets the loop end as soon as only these handles are left.
    func release() {
        for handle in all { uv_unref(handle) }
    }

    func close() {
        for handle in all { uv_close(handle, nil) }
    }

    /// Closes what is left on the loop.
    func closeOthers(on loop: UnsafeMutablePointer<uv_loop_t>) {
        uv_walk(
            loop,
            { handle, _ in
                if let handle, uv_is_closing(handle) == 0 { uv_close(handle, nil) }
            },
            nil
        )
    }

    func deallocate() {
        async.deallocate()
        timer.deallocate()
        check.deallocate()
        prepare.deallocate()
    }

    private var all: [UnsafeMutablePointer<uv_handle_t>] {
        [
            UnsafeMutableRawPointer(async), UnsafeMutableRawPointer(timer),
            UnsafeMutableRawPointer(check), UnsafeMutableRawPointer(prepare),
        ].map { $0.assumingMemoryBound(to: uv_handle_t.self) }
    }
}

extension EventLoop {
    /// The loop that a handle's data names.
    static func of(_ data: UnsafeMutableRawPointer?) -> EventLoop {
        Unmanaged<EventLoop>.fromOpaque(data.unsafelyUnwrapped).takeUnretainedValue()
    }
}
