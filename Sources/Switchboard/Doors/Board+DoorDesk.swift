// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleWire

/// The door desk, on the board where the panel's socket is: audit, command, the panel's own
/// result. Every way to a door comes through here.
///
/// A command leaves at most once, only after its audit is written, only while its deadline stands
/// and only over the socket that is there at that moment. It is never sent again.
extension Board {
    func open(_ order: DoorOrder, at now: Now) {
        guard let seat = seats[.panel(order.panel)], seat.connection != nil else {
            return refuse(order, .panelOffline, "the panel is not connected", at: now)
        }
        guard order.until > now.moment else {
            return refuse(order, .notRecorded, "too late", at: now)
        }
        let command: CommandID = newID(at: now)
        doors[command] = DoorWait(
            order: order,
            stage: .recording,
            deadline: order.until,
            reportedAt: now.moment
        )
        exchange.commands.withLock { $0.add(command, on: index) }
        record(order, as: command, at: now)
    }

    private func record(_ order: DoorOrder, as command: CommandID, at now: Now) {
        let principal = Principal.device(order.by.device)
        let attempt = DoorAttempt(
            command: command,
            property: order.property,
            panel: order.panel,
            door: order.door,
            by: order.by,
            way: order.way,
            call: order.call,
            at: now.time,
            deadline: now.time(at: order.until)
        )
        let key = KeyRecord(
            principal: principal,
            key: order.key,
            fact: .command(command),
            at: now.time
        )
        let patience = now.moment + limits.ledger.patience
        let group = LedgerGroup([.doorAttempt(attempt), .key(key)], notAfter: patience)
        let (index, postbox) = (index, postbox)
        ledger.append(group) { answer in
            postbox.post(.doorWritten(command, answer), to: index)
        }
        alarms.add(.doorRecord(command), at: patience)
    }

    /// The audit has it, or never will.
    func doorWritten(_ command: CommandID, _ answer: LedgerAnswer, at now: Now) {
        guard let wait = doors[command] else { return }
        if answer != .written {
            // Nothing of it is in the record; its key must not open a door after a restart.
            noteRefused(wait.order.key, of: .device(wait.order.by.device), .notRecorded, at: now)
        }
        switch (wait.stage, answer) {
        case (.recording, .written):
            if let refusal = refusalAtTheLastMoment(of: wait.order, at: now) {
                noteNotSent(command, refusal.code, at: now)
                finish(command, wait, .refused(refusal), at: now)
            } else {
                self.command(command, to: wait.order, by: wait.deadline, at: now)
            }
        case (.recording, _): notRecorded(command, wait, at: now)
        case (_, .written): noteNotSent(command, .notRecorded, at: now)  // Refused meanwhile.
        default: break
        }
        if doors[command]?.stage == .settled(.notSent) {
            alarms.add(.doorForgotten(command), at: now.moment + limits.door.deadline)
        }
    }

    /// What was true at the press must be true when the command leaves: the deadline stands, the
    /// panel's socket is here, the person may still open this door of this panel.
    private func refusalAtTheLastMoment(of order: DoorOrder, at now: Now) -> Refusal? {
        guard order.until > now.moment else {
            return Refusal(.notRecorded, detail: "the audit took too long; try again")
        }
        guard seats[.panel(order.panel)]?.connection != nil else {
            return Refusal(.panelOffline, detail: "the panel is gone")
        }
        let isStillTheirs = directory.resident(of: order.by.device)?.id == order.by.resident
        let decision = directory.decide(
            door: order.door,
            by: order.by.resident,
            inCallOf: order.call == nil ? nil : order.panel
        )
        guard isStillTheirs, decision == .allowed, directory.door(order.door)?.panel == order.panel
        else { return Refusal(.notPermitted, detail: "not your door any longer") }
        return nil
    }

    private func command(
        _ command: CommandID,
        to order: DoorOrder,
        by deadline: Moment,
        at now: Now
    ) {
        guard let seat = seats[.panel(order.panel)] else { return }
        doors[command]?.stage = .sent
        alarms.add(.door(command), at: deadline + limits.door.patience)
        let open = DoorOpen(
            command: command,
            door: order.door,
            seconds: Double(limits.door.hold.milliseconds) / 1000,
            notAfter: now.time(at: deadline),
            notAfterMs: Int((deadline - seat.welcomedAt).milliseconds)
        )
        event(.doorOpen(open), to: seat, at: now)
        times.doorCommand.add(now.moment - pressedAt(order))
    }

    /// When the resident pressed: the deadline counts from there.
    private func pressedAt(_ order: DoorOrder) -> Moment { order.until - limits.door.deadline }

    /// The ledger has not answered in time: an unlock without its audit does not happen, but a
    /// door that did open is told.
    func doorRecordIsLate(_ command: CommandID, at now: Now) {
        guard let wait = doors[command] else { return }
        if wait.stage == .recording {
            notRecorded(command, wait, at: now)
        } else if case .settling(let outcome) = wait.stage,
            wait.reportedAt + limits.ledger.patience <= now.moment
        {
            counters.toldUnrecorded += 1
            resultWritten(command, outcome, .written, at: now)
        }
    }

    private func notRecorded(_ command: CommandID, _ wait: DoorWait, at now: Now) {
        finish(
            command,
            wait,
            .refused(.notRecorded, "the audit could not be written; try again"),
            at: now
        )
    }

    /// The command never left: the order is answered, and forgotten when the ledger has answered
    /// too.
    private func finish(
        _ command: CommandID,
        _ wait: DoorWait,
        _ reply: Reply,
        at now: Now
    ) {
        answer(wait.order, reply, at: now)
        doors[command]?.stage = .settled(.notSent)
    }

    private func noteNotSent(_ command: CommandID, _ code: ErrorCode, at now: Now) {
        let record = DoorResultRecord(
            command: command,
            outcome: .notSent,
            detail: code.rawValue,
            at: now.time
        )
        ledger.append(LedgerGroup([.doorResult(record)])) { _ in }
    }

    // MARK: The panel's result

    /// `door.result` on the board where the panel's socket is now.
    func panelReports(
        _ result: DoorResult,
        _ panel: PanelID,
        _ seat: Seat,
        request: String,
        at now: Now
    ) {
        guard let owner = exchange.commands.withLock({ $0.owner(of: result.command) }) else {
            return reply(.refused(.unknownCommand, "no such command"), to: seat, request, at: now)
        }
        let report = PanelResult(
            command: result.command,
            panel: panel,
            request: request,
            outcome: result.outcome == .opened ? .opened : .failed,
            detail: result.detail
        )
        send(.doorResult(report), to: owner, at: now)
    }

    /// On the board that sent the command.
    func panelReported(_ report: PanelResult, at now: Now) {
        let principal = Principal.panel(report.panel)
        guard let wait = doors[report.command], wait.order.panel == report.panel,
            wait.stage != .recording, wait.stage != .settled(.notSent)
        else {
            return deliver(
                .refused(.unknownCommand, "no such command"),
                to: principal,
                request: report.request,
                at: now
            )
        }
        switch wait.stage {
        case .settled:
            deliver(.ok(.done), to: principal, request: report.request, at: now)
        case .settling:
            // The first report is being written: this repeat waits for the same answer.
            doors[report.command]?.report = report.request
        case .sent, .unknown:
            settle(report, wait, at: now)
        case .recording:
            preconditionFailure("a command that has not left was refused above")
        }
    }

    private func settle(_ report: PanelResult, _ wait: DoorWait, at now: Now) {
        var wait = wait
        wait.wasUnknown = wait.stage == .unknown
        wait.stage = .settling(report.outcome)
        wait.report = report.request
        wait.reportedAt = now.moment
        doors[report.command] = wait
        if wait.wasUnknown { counters.resultsLate += 1 }
        writeResult(report.command, report.outcome, report.detail, at: now)
        alarms.add(.doorRecord(report.command), at: now.moment + limits.ledger.patience)
    }

    private func writeResult(
        _ command: CommandID,
        _ outcome: DoorResultRecord.Outcome,
        _ detail: String?,
        at now: Now
    ) {
        let record = DoorResultRecord(
            command: command,
            outcome: outcome,
            detail: detail,
            at: now.time
        )
        let (index, postbox) = (index, postbox)
        ledger.append(LedgerGroup([.doorResult(record)])) { answer in
            postbox.post(.resultWritten(command, outcome, answer), to: index)
        }
    }

    /// The result is in the record: the panel may stop repeating it, the resident learns it.
    func resultWritten(
        _ command: CommandID,
        _ outcome: DoorResultRecord.Outcome,
        _ answer: LedgerAnswer,
        at now: Now
    ) {
        guard let wait = doors[command], wait.stage == .settling(outcome) else { return }
        if answer != .written { counters.recordsLost += 1 }
        doors[command]?.stage = .settled(outcome)
        if outcome == .opened { counters.doorsOpened += 1 }
        if let report = wait.report {
            deliver(.ok(.done), to: .panel(wait.order.panel), request: report, at: now)
        }
        tellOutcome(command, wait, outcome, at: now)
        if !wait.wasUnknown { times.unlock.add(now.moment - pressedAt(wait.order)) }
        alarms.add(.doorForgotten(command), at: now.moment + limits.door.lateResult)
    }

    /// Nothing came from the panel in time: not told, which is not "closed".
    ///
    /// Told before its record: a command without a result is `unknown` after a restart too.
    func doorResultIsLate(_ command: CommandID, at now: Now) {
        guard let wait = doors[command], wait.stage == .sent else { return }
        counters.doorsUnknown += 1
        doors[command]?.stage = .unknown
        writeResult(command, .unknown, nil, at: now)
        tellOutcome(command, wait, .unknown, at: now)
        times.unlock.add(now.moment - pressedAt(wait.order))
        alarms.add(.doorForgotten(command), at: now.moment + limits.door.lateResult)
    }

    func forgetDoor(_ command: CommandID) {
        doors[command] = nil
        exchange.commands.withLock { $0.forget(command) }
    }

    // MARK: Telling

    private func tellOutcome(
        _ command: CommandID,
        _ wait: DoorWait,
        _ outcome: DoorResultRecord.Outcome,
        at now: Now
    ) {
        answer(
            wait.order,
            .ok(.door(command, outcome.wire)),
            amends: wait.wasUnknown,
            at: now
        )
        let order = wait.order
        let name = directory.resident(order.by.resident)?.name ?? ""
        let opened = DoorOpened(
            door: order.door,
            by: Who(kind: .resident, id: order.by.resident.text, name: name),
            via: order.way.wire,
            call: order.call,
            command: command,
            outcome: outcome.wire
        )
        var audience = order.audience
        for device in directory.resident(order.by.resident)?.devices ?? []
        where !audience.contains(device) {
            audience.append(device)
        }
        for device in audience {
            let told = Told(event: .doorOpened(opened), call: nil, version: 0)
            guard let place = exchange.places.withLock({ $0[.device(device)] }) else { continue }
            send(.tell(.device(device), told), to: place.board, at: now)
        }
    }

    /// Refuses an order of which nothing is in the record.
    private func refuse(_ order: DoorOrder, _ code: ErrorCode, _ detail: String, at now: Now) {
        refuse(order.key, of: .device(order.by.device), code, detail, at: now)
    }

    private func answer(
        _ order: DoorOrder,
        _ reply: Reply,
        amends: Bool = false,
        at now: Now
    ) {
        let principal = Principal.device(order.by.device)
        if amends {
            exchange.keys.withLock { $0.amend(order.key, of: principal, with: reply) }
        } else {
            settle(order.key, of: principal, with: reply, at: now)
        }
    }
}
