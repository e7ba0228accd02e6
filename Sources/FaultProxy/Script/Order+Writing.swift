// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension OrderLine: CustomStringConvertible {
    /// The line that reads as this.
    package var description: String {
        switch when {
        case .now: "\(order)"
        case .at(let time): "at \(Quantity.text(time)) \(order)"
        case .later(let time): "at +\(Quantity.text(time)) \(order)"
        }
    }
}

extension Order: CustomStringConvertible {
    /// The line that reads as this.
    package var description: String {
        switch target {
        case .all: "\(action)"
        case .new: "new \(action)"
        case .connection(let number): "conn \(number) \(action)"
        }
    }
}

extension Order.Action: CustomStringConvertible {
    package var description: String {
        switch self {
        case .rule(let ways, let rule): "\(ways.rawValue) \(rule)"
        case .halfOpen(let halfOpen):
            "half-open" + (halfOpen.reset.map { " reset \($0.rawValue)" } ?? "")
                + (halfOpen.swallows ? " swallow" : "")
        case .reset: "reset"
        case .close: "close"
        case .clear: "clear"
        case .status: "status"
        case .refuse: "refuse"
        case .accept: "accept"
        case .reorder(nil): "reorder off"
        case .reorder(let rule?): "reorder \(rule.count) within \(Quantity.text(rule.within))"
        case .quit: "quit"
        }
    }
}

extension Order.Rule: CustomStringConvertible {
    package var description: String {
        switch self {
        case .bandwidth(nil): "bandwidth off"
        case .bandwidth(let bandwidth?):
            "bandwidth \(Quantity.text(rate: bandwidth.rate)) "
                + "burst \(Quantity.text(size: bandwidth.burst))"
        case .delay(nil): "delay off"
        case .delay(let delay?):
            "delay \(Quantity.text(delay.time))"
                + (delay.jitter > .zero ? " jitter \(Quantity.text(delay.jitter))" : "")
        case .stall(nil): "stall"
        case .stall(let time?): "stall for \(Quantity.text(time))"
        case .resume: "resume"
        case .cut(.at(let offset), let end): "cut at \(offset) \(end.rawValue)"
        case .cut(.after(let offset), let end): "cut after \(offset) \(end.rawValue)"
        case .uncut: "cut off"
        }
    }
}
