// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop
import VestibuleNotifier

/// Tells what happens as it happens, with the time since the button was pressed.
final class Story: Sendable {
    private let start = Locked<Moment?>(nil)

    /// The button is pressed: times count from here.
    func begin() { start.withLock { $0 = EventLoop.readMoment() } }

    func tell(_ who: String, _ what: String) {
        let elapsed = start.withLock { $0 }.map { EventLoop.readMoment() - $0 }
        let time = elapsed.map { "\(Self.seconds($0)) s" } ?? ""
        let name = who + String(repeating: " ", count: max(0, 10 - who.count))
        Console.out(
            "\(String(repeating: " ", count: max(0, 9 - time.count)))\(time)  \(name) \(what)"
        )
    }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        let rest = "\(milliseconds % 1000)"
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
}

/// A notifier of the demo's own: pushes become lines of the story.
struct StoryNotifier: Notifier {
    let story: Story
    let names: [DeviceID: String]
    let name = "story"

    func send(
        _ notice: Notice,
        to registration: Registration,
        within allowance: Duration
    ) async -> Verdict {
        let device = names[registration.device] ?? "a device"
        story.tell("push", "\(notice.kind.rawValue) to \(device)")
        return .accepted(reference: nil)
    }
}
