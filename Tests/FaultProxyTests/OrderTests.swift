// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleFaultProxy

@Suite struct OrderTests {
    /// What is wrong with a line; nil if nothing is.
    private func complaint(about line: String) -> String? {
        do throws(OrderError) {
            _ = try OrderLine.read(line)
            return nil
        } catch { return error.description }
    }

    private func order(_ line: String) throws -> Order {
        try #require(try OrderLine.read(line)).order
    }

    @Test func `the lines of the documentation are read`() throws {
        #expect(
            try OrderLine.read("at 2.5s down bandwidth 1KB/s")
                == OrderLine(
                    Order(.rule(.down, .bandwidth(Bandwidth(rate: 1_000, burst: 50)))),
                    when: .at(.milliseconds(2_500))
                )
        )
        #expect(
            try order("conn 3 cut after 4096 bytes")
                == Order(.rule(.both, .cut(.after(4_096), .reset)), for: .connection(3))
        )
        #expect(try order("stall both for 3s") == Order(.rule(.both, .stall(.seconds(3)))))
        #expect(try order("clear") == Order(.clear))
        #expect(
            try order("conn 1 half-open reset client swallow")
                == Order(
                    .halfOpen(Order.HalfOpen(reset: .client, swallows: true)),
                    for: .connection(1)
                )
        )
        #expect(
            try order("reorder 4 within 200ms")
                == Order(.reorder(Reorder(count: 4, within: .milliseconds(200))))
        )
        #expect(try OrderLine.read("at +1s resume")?.when == .later(.seconds(1)))
    }

    @Test(arguments: [
        ("down bandwidth 1KB/s", "down bandwidth 1000B/s burst 50"),
        ("down bandwidth 1KiB/s burst 1KiB", "down bandwidth 1024B/s burst 1024"),
        ("up bandwidth 300kbit/s", "up bandwidth 37500B/s burst 1875"),
        ("bandwidth both 2.5MB/s burst 10B", "both bandwidth 2500000B/s burst 10"),
        ("bandwidth off", "both bandwidth off"), ("delay 80ms", "both delay 80ms"),
        ("up delay 0.5s jitter 20ms", "up delay 500ms jitter 20ms"),
        ("delay up 1m", "up delay 60s"), ("new delay off", "new both delay off"),
        ("stall", "both stall"), ("conn 7 up resume", "conn 7 up resume"),
        ("cut at 0 fin", "both cut at 0 fin"), ("down cut after 1KB", "down cut after 1000 reset"),
        ("cut off", "both cut off"), ("half-open", "half-open"),
        ("half-open swallow", "half-open swallow"),
        ("conn 2 half-open reset server", "conn 2 half-open reset server"),
        ("conn 2 reset", "conn 2 reset"), ("close", "close"), ("conn 2 status", "conn 2 status"),
        ("refuse", "refuse"), ("accept", "accept"), ("reorder 2", "reorder 2 within 1s"),
        ("reorder off", "reorder off"), ("at 90s quit", "at 90s quit"),
        ("  at\t+250us   status  # look", "at +250us status"),
    ])
    func `a line has one plain form, which reads as the same`(line: String, plain: String) throws {
        let read = try #require(try OrderLine.read(line))
        #expect("\(read)" == plain)
        #expect(try OrderLine.read("\(read)") == read)
    }

    @Test(arguments: ["", "   ", "# all", "\t#"])
    func `nothing is no order and no error`(line: String) throws {
        #expect(try OrderLine.read(line) == nil)
    }

    @Test(arguments: [
        ("bandwith 1KB/s", "`bandwith` is no order"),
        ("bandwidth", "a rate, such as 1KB/s, or `off` is missing"),
        ("bandwidth 1000", "`1000` is not a rate"),
        ("bandwidth 0B/s", "a bandwidth lies between"),
        ("bandwidth 1KB/s burst 0", "a burst of nothing"),
        ("bandwidth 99999999MB/s", "a bandwidth lies between"),
        ("delay 5", "`5` is not a time"), ("delay 61s", "61s is longer than 60s"),
        ("delay .5s", "is not a time"), ("delay 1.s", "is not a time"),
        ("delay -1s", "is not a time"), ("delay 1.2.3s", "is not a time"),
        ("delay 999999999999999s", "is too much"),
        ("up down delay 1s", "`down` is no order"), ("up delay down 1s", "twice"),
        ("up reset", "takes no direction"), ("clear both", "takes no direction"),
        ("stall 3s", "`3s` is one word too many"),
        ("cut 5", "`cut` takes"), ("cut at -1", "is not a size"),
        ("cut at 5 now", "`now` is one word too many"),
        ("conn x reset", "`conn` takes a number"), ("conn 0 reset", "`conn` takes a number"),
        ("conn +1 reset", "`conn` takes a number"), ("conn", "a number after `conn` is missing"),
        ("new reset", "not new ones"), ("conn 1 refuse", "the whole proxy"),
        ("half-open reset door", "a side is"), ("reorder 1", "from 2 to 256"),
        ("at", "a time after `at` is missing"), ("at 5 clear", "`5` is not a time"),
        ("at 1s", "an order"), ("Clear", "`Clear` is no order"),
    ])
    func `what is wrong is said`(line: String, words: String) throws {
        let said = try #require(complaint(about: line))
        #expect(said.contains(words))
    }

    @Test func `a line that is too long is refused`() throws {
        let line = "clear" + String(repeating: " ", count: OrderLine.longest)
        #expect(complaint(about: line)?.contains("at most 1024 bytes") == true)
    }

    @Test func `an address has a host and a port`() {
        #expect(HostPort("127.0.0.1:80") == HostPort(host: "127.0.0.1", port: 80))
        #expect(HostPort("[::1]:0")?.host == "::1")
        #expect(HostPort("[::1]:0")?.description == "[::1]:0")
        for text in ["80", ":80", "a:", "a:65536", "a:-1", "a:+1", "::1:80", "a:80x"] {
            #expect(HostPort(text) == nil, "\(text)")
        }
    }
}
