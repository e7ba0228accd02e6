// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import VestibuleBasics
import VestibuleEventLoop
import VestibuleFaultProxy

struct FaultProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault-proxy",
        abstract: "Stand between a client and a server, and be the bad network.",
        discussion: """
            Orders, a line each on stdin or in --script, change what it does while it runs; each \
            is answered on stdout with `ok …` or `error …: what is wrong`.

              [at TIME | at +TIME] [conn N | new] ORDER      all connections where neither is said

              [up|down|both] bandwidth RATE [burst SIZE] | bandwidth off
              [up|down|both] delay TIME [jitter TIME]    | delay off
              [up|down|both] stall [for TIME]            | resume
              [up|down|both] cut at|after N [bytes] [reset|fin] | cut off
              half-open [reset client|server] [swallow]    part the two, so that not both hear of it
              reset | close                                RST or FIN to both sides
              refuse | accept                              new connections
              reorder N [within TIME] | reorder off        connect on in another order
              clear | status | quit

              at 2.5s down bandwidth 1KB/s                 300kbit/s, 2MB/s; 250ms, 1m; 64KiB
              conn 3 cut after 4096 bytes                  # a comment

            Up is from client to server. On stdout first `listening on HOST:PORT`, then `seed N`. \
            It runs until `quit` or SIGTERM. The whole language, with examples: the page \
            FaultProxy in Sources/FaultProxy/FaultProxy.docc.
            """
    )

    @Option(help: "HOST:PORT; port 0 takes a free one.")
    var listen = "127.0.0.1:0"

    @Option(help: "HOST:PORT to connect to, for each connection that comes.")
    var to: String

    @Option(help: "A file of orders; times count from the start. All of it is checked first.")
    var script: String?

    @Option(help: "What is drawn (jitter, orders) follows from it; drawn itself if absent.")
    var seed: UInt64?

    @Option(help: "Bytes held for each direction of a connection, 1024 to 1 GiB.")
    var hold = FaultProxyLimits().hold

    @Option(help: "Connections at a time, 1 to 65535; more are reset.")
    var connections = FaultProxyLimits().connections

    @Option(
        help: """
            Receive buffer of the sockets, bytes: a few KB let a slow line be felt at once \
            (default: the kernel's, 100 KB and more).
            """
    )
    var receiveBuffer: Int?

    func validate() throws {
        try Self.check(HostPort(listen) != nil, "--listen takes HOST:PORT, not \(listen)")
        try Self.check(HostPort(to).map { $0.port > 0 } ?? false, "--to takes HOST:PORT, not \(to)")
        try Self.check((1_024...1 << 30).contains(hold), "--hold is from 1024 to 1073741824")
        try Self.check(
            (1...65_535).contains(connections),
            "--connections is from 1 to 65535"
        )
        try Self.check(
            receiveBuffer.map { (1_024...1 << 30).contains($0) } ?? true,
            "--receive-buffer is from 1024 to 1073741824"
        )
    }

    private static func check(_ isGood: Bool, _ words: String) throws {
        guard isGood else { throw ValidationError(words) }
    }

    func run() async throws {
        let orders = try readScript()
        let signals = ProcessSignals()
        let proxy = try await start()
        Console.announce("listening on \(proxy.place)")
        Console.announce("seed \(proxy.seed)")
        do { try await proxy.play(orders) } catch { throw Console.fail("\(error)") }
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await Self.obeyStdin(proxy)
                return false
            }
            group.addTask {
                await proxy.waitForQuit()
                return true
            }
            group.addTask {
                for await request in signals.requests where request == .stop { break }
                return true
            }
            for await isOver in group where isOver { break }
            // Also lets go on who waits for `quit`.
            await proxy.stop()
            group.cancelAll()
        }
    }

    private func start() async throws -> FaultProxy {
        guard let listen = HostPort(listen), let to = HostPort(to) else {
            throw Console.fail("no addresses")
        }
        var limits = FaultProxyLimits()
        limits.hold = hold
        limits.connections = connections
        limits.receiveBuffer = receiveBuffer
        do {
            return try await FaultProxy.start(
                listen: listen,
                to: to,
                limits: limits,
                seed: seed ?? UInt64.random(in: 0...999_999_999),
                report: { Console.announce($0) }
            )
        } catch { throw Console.fail("\(error)") }
    }

    /// The orders of the file; the first line that is wrong ends it before anything begins.
    private func readScript() throws -> [OrderLine] {
        guard let script else { return [] }
        guard let text = try? String(contentsOfFile: script, encoding: .utf8) else {
            throw Console.fail("\(script) cannot be read")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return try lines.enumerated().compactMap { index, line in
            do throws(OrderError) { return try OrderLine.read(line) } catch {
                throw Console.fail("\(script):\(index + 1): \(error)")
            }
        }
    }

    /// Orders from stdin until its end, each answered before the next; the proxy outlives them.
    private static func obeyStdin(_ proxy: FaultProxy) async {
        let (lines, sink) = AsyncStream<String>.makeStream()
        let reader = Worker(name: "stdin", capacity: 1)
        _ = reader.submit {
            while let line = readLine() { sink.yield(line) }
            sink.finish()
        }
        for await line in lines {
            if let answer = await proxy.obey(line) { Console.announce(answer) }
        }
    }
}
