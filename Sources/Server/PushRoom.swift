// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleNotifier
import VestibuleStorage
import VestibuleSwitchboard

/// A notifier of the operator's own, which reaches every device.
struct PushWay: Sendable {
    let notifier: any Notifier

    /// Where it leads for every device; nil where each device is its own address.
    let address: String?
}

/// Between the boards, which order pushes, and the notifiers' desk, which makes them: finds the
/// ways to each device and writes every verdict down.
///
/// An operator's own notifiers (the log, the webhook, one given to the server) reach every device.
final class PushRoom: PushPort {
    private let desk: NotifierDesk
    private let ways: [PushWay]
    private let clock: @Sendable () -> Now
    private let random = Locked(SystemRandomNumberGenerator())

    init(
        ways: [PushWay],
        limits: PushLimits,
        clock: @escaping @Sendable () -> Now,
        ledger: any Ledger
    ) {
        self.clock = clock
        self.ways = ways
        desk = NotifierDesk(
            notifiers: ways.map(\.notifier),
            limits: limits,
            seed: .random(in: 0...UInt64.max),
            clock: clock
        ) { reports in
            // One group a turn: door audits stand in the same queue.
            ledger.append(LedgerGroup(reports.map { .push(PushRecord($0)) })) { _ in }
        }
    }

    var counters: PushCounters { desk.counters }

    func run() async { await desk.run() }

    func close() { desk.close() }

    func push(_ order: PushOrder) {
        guard !ways.isEmpty else { return }
        let now = clock()
        for device in order.devices {
            let push = random.withLock { PushID(at: now.time, using: &$0) }
            desk.submit(
                order.request(push, to: device, over: registrations(of: device, at: now), at: now)
            )
        }
    }

    func silence(_ devices: [DeviceID], of call: CallID) {
        guard !ways.isEmpty else { return }
        desk.silence(devices, of: call)
    }

    private func registrations(of device: DeviceID, at now: Now) -> [Registration] {
        ways.map { way in
            Registration(
                id: RegistrationID(high: device.high, low: device.low),
                device: device,
                notifier: way.notifier.name,
                token: way.address ?? device.text,
                sharesAddress: way.address != nil,
                registeredAt: now.time
            )
        }
    }
}

extension PushRecord {
    fileprivate init(_ report: PushReport) {
        let (verdict, reason): (String, String?) =
            switch report.verdict {
            case .accepted(let reference): ("accepted", reference)
            case .rejectedToken(let reason, _): ("rejectedToken", reason)
            case .retry(_, let reason), .pause(_, let reason): ("retry", reason)
            case .failed(let reason): ("failed", reason)
            }
        self.init(
            push: report.push,
            property: report.property,
            call: report.call,
            device: report.device,
            kind: report.kind.rawValue,
            notifier: report.notifier,
            verdict: verdict,
            reason: reason,
            at: report.at
        )
    }
}
