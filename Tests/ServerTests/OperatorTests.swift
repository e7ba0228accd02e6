// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleCallCore
import VestibuleCrypto
import VestibuleSQLiteStore
import VestibuleServer
import VestibuleStorage
import VestibuleTransport
import VestibuleWire

extension ServerTests {
    /// What an operator sees and does: pages, certificates, tokens, errors at the start.
    @Suite struct OperatorTests {
        @Test(arguments: [1, 2])
        func `health, readiness and metrics are served on loopback`(loops: Int) async throws {
            try await withServer(loops: loops) { server in
                let port = server.port
                #expect(try await RawSocket.get("/healthz", port: port) == (200, "ok\n"))
                #expect(try await RawSocket.get("/readyz", port: port) == (200, "ready\n"))
                #expect(try await RawSocket.get("/elsewhere", port: port).status == 404)
                _ = try await server.talk()
                let metrics = try await server.metrics()
                #expect(metrics["vestibule_sessions_connected"] == 2)
                #expect(metrics["vestibule_calls_live"] == 1)
                for loop in 0..<loops {
                    for family in [
                        "loop_stall_seconds", "loop_sockets_total", "loop_frames_total",
                        "loop_frames_across_total", "media_queue_bytes", "media_queue_seconds",
                        "loop_stall_max_seconds", "media_queue_max_bytes",
                        "media_queue_max_seconds",
                    ] {
                        #expect(metrics.page.contains("vestibule_\(family){loop=\"\(loop)\"}"))
                    }
                }
                let families = metrics.page.split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
                #expect(Set(families).count == families.count, "a family is announced once")
            }
        }

        @Test(.enabled(if: OtherAddress.ofThisMachine != nil))
        func `metrics are for loopback only unless told`() async throws {
            let address = try #require(OtherAddress.ofThisMachine)
            for isPublic in [false, true] {
                try await withServer(
                    configuration: {
                        $0.host = address
                        $0.allowsInsecureListening = true
                        $0.publicMetrics = isPublic
                    }
                ) { server in
                    let health = try await RawSocket.get(
                        "/healthz",
                        port: server.port,
                        host: address
                    )
                    #expect(health.status == 200)
                    let metrics = try await RawSocket.get(
                        "/metrics",
                        port: server.port,
                        host: address
                    )
                    #expect(metrics.status == (isPublic ? 200 : 404))
                }
            }
        }

        @Test(arguments: [1, 2])
        func `while the store cannot be written calls go on, doors stay shut, readiness says so`(
            loops: Int
        ) async throws {
            let short: (inout Limits) -> Void = {
                $0.ledger.patience = .milliseconds(100)
                $0.ledger.retry = .milliseconds(50)
            }
            try await withServer(loops: loops, limits: short) { server in
                let talk = try await server.whileLocked {
                    let talk = try await server.talk()
                    try await talk.flows()
                    let unlock = CallUnlock(call: talk.call, key: "open")
                    let refusal = try await talk.device.isRefused(.callUnlock(unlock))
                    #expect(refusal.code == .notRecorded)
                    try await server.clients.eventually("not ready") {
                        try await RawSocket.get("/readyz", port: server.port).status == 503
                    }
                    try await talk.hangsUp()
                    return talk
                }
                try await server.clients.eventually("ready again") {
                    try await RawSocket.get("/readyz", port: server.port).status == 200
                }
                #expect(try await talk.panel.unheardEvents().allSatisfy { !$0.isDoorOpen })
                let record = try await server.onlyCall()
                #expect(record.outcome == .completed && record.answeredBy != nil)
                let metrics = try await server.metrics()
                #expect(metrics["vestibule_told_unrecorded_total"] >= 3)
                #expect(metrics["vestibule_records_lost_total"] == 0)
                #expect(metrics.refusals("not_recorded") == 1)
            }
        }

        @Test(arguments: [1, 2])
        func `a certificate is read again without dropping a call, and a bad one is not taken`(
            loops: Int
        ) async throws {
            let (ours, theirs) = (try ScratchFolder(), try ScratchFolder())
            defer {
                ours.remove()
                theirs.remove()
            }
            let (papers, strange) = (try Papers(in: ours), try Papers(in: theirs))
            try await withServer(loops: loops, papers: papers) { server in
                let talk = try await server.talk()
                try await talk.flows()
                try papers.write("no certificate\n", to: papers.certificate)
                await server.reload()
                try await server.panel(1).asks(.ping)
                try papers.issue()
                await server.reload()
                try await server.panel(1).asks(.ping)
                // A pair of an authority that our clients do not trust: it is taken, they are not.
                for (from, to) in [
                    (strange.certificate, papers.certificate), (strange.key, papers.key),
                ] {
                    try papers.write(String(contentsOfFile: from, encoding: .utf8), to: to)
                }
                await server.reload()
                await #expect(throws: Disappointment.self) { try await server.panel(1) }
                try await talk.flows()
                try await talk.hangsUp()
            }
        }

        @Test(arguments: [1, 2])
        func `a token that the binary revokes closes its socket and ends its call`(
            loops: Int
        ) async throws {
            try await withServer(loops: loops) { server in
                let building = server.building
                let others = try await server.talk(panel: 1, unit: 1)
                let talk = try await server.talk()
                let device = building.device().text
                let revoked = try await Binary.run(
                    ["token", "device", device, "--data", server.folder, "--revoke"])
                #expect(revoked.status == 0 && revoked.output == "revoked 1\n")
                #expect(try await talk.device.closing() == 4403)
                #expect(try await talk.panel.panelState(talk.call, .ended).outcome == .revoked)
                let old = try await server.socket()
                try await old.send(
                    text: Peer.hello(building.token(building.device()), as: device)
                )
                #expect(try await old.closing() == 4401)

                let issued = try await Binary.run(
                    ["token", "device", device, "--data", server.folder])
                let token = issued.output.trimmingCharacters(in: .newlines)
                #expect(issued.status == 0 && token.hasPrefix("vst_"))
                try await server.clients.eventually("the new token counts") {
                    let socket = try await server.socket()
                    return (try? await socket.hello(token, as: device)) != nil
                }
                try await others.flows()
                #expect(try await server.metrics().closes(4403) == 1)
            }
        }

        @Test(arguments: [1, 2])
        func `a panel that is revoked is out at once, and its call with it`(
            loops: Int
        ) async throws {
            try await withServer(loops: loops) { server in
                let talk = try await server.talk()
                _ = try await talk.device.callState(talk.call)
                let panel = server.building.panel().text
                let revoked = try await Binary.run(
                    ["token", "panel", panel, "--data", server.folder, "--revoke"])
                #expect(revoked.status == 0)
                #expect(try await talk.panel.closing() == 4403)
                #expect(try await talk.device.callState(talk.call).outcome == .revoked)
                #expect(try await server.onlyCall().outcome == .revoked)
            }
        }
    }
}

/// An IPv4 address of this machine that is not loopback's.
enum OtherAddress {
    static let ofThisMachine: String? = {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return nil }
        defer { freeifaddrs(list) }
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let address = entry.ifa_addr, address.pointee.sa_family == AF_INET,
                entry.ifa_flags & UInt32(IFF_LOOPBACK) == 0
            else { continue }
            let text = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
                    inet_ntop(AF_INET, &address.pointee.sin_addr, buffer.baseAddress, 64)
                        .map { String(cString: $0) }
                }
            }
            if let text { return text }
        }
        return nil
    }()
}
