// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension Order {
    /// The orders there are, for who wrote another.
    private static let verbs = """
        bandwidth, delay, stall, resume, cut, half-open, reset, close, clear, status, refuse, \
        accept, reorder, quit
        """

    static func read(_ words: inout Words) throws(OrderError) -> Order {
        let target = try target(&words)
        var ways = ways(&words)
        let verb = try words.next("an order (\(verbs))")
        if let second = self.ways(&words) {
            guard ways == nil else { throw OrderError("the direction stands there twice") }
            ways = second
        }
        let action = try action(verb, ways ?? .both, &words)
        let order = Order(action, for: target ?? .all)
        if ways != nil, !order.isRule { throw OrderError("`\(verb)` takes no direction") }
        if let target { try order.check(target, verb) }
        return order
    }

    /// Whether it sets a rule of a direction.
    private var isRule: Bool { if case .rule = action { true } else { false } }

    private func check(_ target: Target, _ verb: String) throws(OrderError) {
        switch action {
        case .rule, .clear: break
        case .halfOpen, .reset, .close, .status:
            if target == .new {
                throw OrderError("`\(verb)` concerns connections that are open, not new ones")
            }
        case .refuse, .accept, .reorder, .quit:
            throw OrderError("`\(verb)` concerns the whole proxy, not one connection")
        }
    }

    private static func target(_ words: inout Words) throws(OrderError) -> Target? {
        if words.take("new") { return .new }
        guard words.take("conn") else { return nil }
        let word = try words.next("a number after `conn`")
        guard word.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(word),
            number > 0
        else { throw OrderError("`conn` takes a number from 1, not `\(word)`") }
        return .connection(number)
    }

    private static func ways(_ words: inout Words) -> Ways? {
        guard let ways = words.first.flatMap(Ways.init) else { return nil }
        _ = words.next()
        return ways
    }

    private static func action(
        _ verb: String,
        _ ways: Ways,
        _ words: inout Words
    ) throws(OrderError) -> Action {
        switch verb {
        case "bandwidth": .rule(ways, .bandwidth(try bandwidth(&words)))
        case "delay": .rule(ways, .delay(try delay(&words)))
        case "stall": .rule(ways, .stall(words.take("for") ? try stall(&words) : nil))
        case "resume": .rule(ways, .resume)
        case "cut": .rule(ways, try cut(&words))
        case "half-open": .halfOpen(try halfOpen(&words))
        case "reset": .reset
        case "close": .close
        case "clear": .clear
        case "status": .status
        case "refuse": .refuse
        case "accept": .accept
        case "reorder": .reorder(try reorder(&words))
        case "quit": .quit
        default: throw OrderError("`\(verb)` is no order; there are \(verbs)")
        }
    }

    private static func bandwidth(_ words: inout Words) throws(OrderError) -> Bandwidth? {
        if words.take("off") { return nil }
        let rate = try Quantity.rate(try words.next("a rate, such as 1KB/s, or `off`"))
        guard words.take("burst") else { return Bandwidth(rate: rate) }
        let burst = try Quantity.size(try words.next("a size after `burst`"))
        guard burst > 0 else { throw OrderError("a burst of nothing lets nothing through") }
        return Bandwidth(rate: rate, burst: burst)
    }

    private static func delay(_ words: inout Words) throws(OrderError) -> Delay? {
        if words.take("off") { return nil }
        let time = try time(&words, "a time, such as 80ms, or `off`", atMost: Delay.longest)
        guard words.take("jitter") else { return Delay(time) }
        return Delay(
            time,
            jitter: try self.time(&words, "a time after `jitter`", atMost: Delay.longest)
        )
    }

    private static func stall(_ words: inout Words) throws(OrderError) -> Duration {
        try time(&words, "a time after `for`", atMost: .seconds(86_400))
    }

    private static func cut(_ words: inout Words) throws(OrderError) -> Rule {
        let word = try words.next("`at BYTES`, `after BYTES` or `off`")
        guard word != "off" else { return .uncut }
        guard word == "at" || word == "after" else {
            throw OrderError("`cut` takes `at`, `after` or `off`, not `\(word)`")
        }
        let offset = try Quantity.size(try words.next("a number of bytes after `\(word)`"))
        _ = words.take("bytes")
        let end = words.first.flatMap(End.init)
        if end != nil { _ = words.next() }
        return .cut(word == "at" ? .at(offset) : .after(offset), end ?? .reset)
    }

    private static func halfOpen(_ words: inout Words) throws(OrderError) -> HalfOpen {
        var halfOpen = HalfOpen()
        if words.take("reset") {
            let word = try words.next("`client` or `server` after `reset`")
            guard let side = Side(rawValue: word) else {
                throw OrderError("a side is `client` or `server`, not `\(word)`")
            }
            halfOpen.reset = side
        }
        halfOpen.swallows = words.take("swallow")
        return halfOpen
    }

    private static func reorder(_ words: inout Words) throws(OrderError) -> Reorder? {
        if words.take("off") { return nil }
        let word = try words.next("a number of connections, or `off`,")
        guard let count = Int(word), Reorder.range.contains(count) else {
            throw OrderError("`reorder` takes a number from 2 to 256, not `\(word)`")
        }
        guard words.take("within") else { return Reorder(count: count) }
        let within = try time(&words, "a time after `within`", atMost: Reorder.longest)
        return Reorder(count: count, within: within)
    }

    private static func time(
        _ words: inout Words,
        _ what: String,
        atMost longest: Duration
    ) throws(OrderError) -> Duration {
        let time = try Quantity.time(try words.next(what))
        guard time <= longest else {
            throw OrderError("\(Quantity.text(time)) is longer than \(Quantity.text(longest))")
        }
        return time
    }
}
