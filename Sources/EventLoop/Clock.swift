// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import Glibc
package import VestibuleBasics

extension EventLoop {
    /// Both clocks now: the monotonic one that runs during suspend, and civil time; any thread.
    package static func readNow() -> Now {
        Now(
            moment: readMoment(),
            time: Timestamp(milliseconds: read(CLOCK_REALTIME) / 1_000_000)
        )
    }

    /// Whether the kernel says that civil time is synchronised; any thread.
    package static var isCivilTimeSynchronised: Bool { vestibule_clock_is_synchronised() == 1 }

    /// The deciding clock alone (`CLOCK_BOOTTIME`), about 30 ns; any thread.
    package static func readMoment() -> Moment {
        Moment(nanoseconds: read(CLOCK_BOOTTIME))
    }

    static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// The processor time that its thread has used, in nanoseconds; on the loop only.
    package var processorNanoseconds: Int64 { Self.read(CLOCK_THREAD_CPUTIME_ID) }

    /// Both clocks now; any thread.
    package var now: Now { Self.readNow() }
}
