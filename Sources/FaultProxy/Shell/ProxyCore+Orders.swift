// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop

extension ProxyCore {
    /// Carries a line out, now or at its time; what to answer.
    ///
    /// What comes of an order at its time goes to `report`.
    func obey(_ line: OrderLine) -> String {
        do throws(OrderError) {
            guard let moment = moment(of: line.when, after: now) else {
                return "ok \(try perform(line.order))"
            }
            try schedule(line, at: moment)
            return "ok scheduled \(line)"
        } catch {
            return "error \(line): \(error)"
        }
    }

    /// Arranges a script whose first line is read now.
    func play(_ script: [OrderLine]) throws(OrderError) {
        guard scheduled.count + script.count <= limits.scheduled else {
            throw OrderError("more than \(limits.scheduled) orders would wait")
        }
        var last = now
        for line in script {
            last = moment(of: line.when, after: last) ?? last
            try schedule(line, at: last)
        }
    }

    private func moment(of when: When, after last: Moment) -> Moment? {
        switch when {
        case .now: nil
        case .at(let time): began + time
        case .later(let time): last + time
        }
    }

    private func schedule(_ line: OrderLine, at moment: Moment) throws(OrderError) {
        guard scheduled.count < limits.scheduled else {
            throw OrderError("\(limits.scheduled) orders wait already")
        }
        lastScheduled += 1
        let number = lastScheduled
        scheduled[number] = loop.schedule(at: moment) { [weak self] in
            guard let self else { return }
            scheduled[number] = nil
            do throws(OrderError) {
                report("ok \(try perform(line.order))")
            } catch {
                report("error \(line): \(error)")
            }
        }
    }

    /// Carries an order out; what was done, in words.
    func perform(_ order: Order) throws(OrderError) -> String {
        switch order.action {
        case .rule(let ways, let rule): return try set(rule, ways, order)
        case .halfOpen(let halfOpen):
            let links = try targets(order).filter { $0.phase == .open }
            if links.isEmpty, case .connection(let number) = order.target {
                throw OrderError("connection \(number) is not open")
            }
            for link in links { link.part(halfOpen) }
            return told(order, links.count)
        case .reset:
            let links = try targets(order)
            for link in links { link.finish(reset: true) }
            return told(order, links.count)
        case .close:
            let links = try targets(order)
            for link in links { link.close() }
            return told(order, links.count)
        case .clear: return try clear(order)
        case .status:
            guard case .connection = order.target else { return "status \(status.json)" }
            return "status \(try targets(order)[0].status.json)"
        case .refuse:
            doorway?.refuse()
            return "\(order)"
        case .accept:
            guard doorway?.accept() != false else {
                throw OrderError("the port is taken meanwhile")
            }
            return "\(order)"
        case .reorder(let rule):
            letOn(gate.set(rule))
            return "\(order)"
        case .quit:
            // After the answer.
            loop.submit { self.quit() }
            return "\(order)"
        }
    }

    private func set(
        _ rule: Order.Rule,
        _ ways: Order.Ways,
        _ order: Order
    ) throws(OrderError)
        -> String
    {
        let now = now
        if order.concernsNew {
            for direction in ways.directions { rules[direction]?.set(rule, at: now) }
        }
        var past: [Int] = []
        let links = try targets(order)
        for link in links {
            let isSet = ways.directions.map { link.apply(rule, $0, at: now) }
            if isSet.contains(false) { past.append(link.number) }
            link.pump()
        }
        if case .connection(let number) = order.target, !past.isEmpty {
            throw OrderError("connection \(number) is past that byte")
        }
        let note = past.isEmpty ? "" : ", \(past.count) of which are past that byte"
        return told(order, links.count) + note
    }

    /// Lifts every rule; for all also refusal and reordering.
    private func clear(_ order: Order) throws(OrderError) -> String {
        let links = try targets(order)
        let now = now
        for link in links {
            for direction in Direction.allCases {
                link[direction].set(bandwidth: nil, at: now)
                link[direction].set(delay: nil)
                link[direction].set(stall: nil)
                _ = link[direction].set(cut: nil)
            }
            link.pump()
        }
        if order.concernsNew { rules = [.up: PipeRules(), .down: PipeRules()] }
        if order.target == .all {
            letOn(gate.set(nil))
            guard doorway?.accept() != false else {
                throw OrderError("the port is taken meanwhile")
            }
        }
        return told(order, links.count)
    }

    private func targets(_ order: Order) throws(OrderError) -> [Link] {
        switch order.target {
        case .new: return []
        case .all: return links.values.sorted { $0.number < $1.number }
        case .connection(let number):
            guard let link = links[number] else {
                throw OrderError(
                    number > totals.accepted
                        ? "there is no connection \(number)" : "connection \(number) is over"
                )
            }
            return [link]
        }
    }

    private func told(_ order: Order, _ count: Int) -> String {
        let what = count == 1 ? "connection" : "connections"
        return order.target == .all ? "\(order) (\(count) \(what))" : "\(order)"
    }
}

extension Order {
    fileprivate var concernsNew: Bool {
        if case .connection = target { false } else { true }
    }
}

extension PipeRules {
    /// Sets a rule for connections to come.
    fileprivate mutating func set(_ rule: Order.Rule, at now: Moment) {
        switch rule {
        case .bandwidth(let bandwidth): self.bandwidth = bandwidth
        case .delay(let delay): self.delay = delay
        case .stall(let time): stall = time.map { .until(now + $0) } ?? .open
        case .resume: stall = nil
        case .cut(.at(let offset), let end), .cut(.after(let offset), let end):
            cut = CutPoint(offset: offset, end: end)
        case .uncut: cut = nil
        }
    }
}
