// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCrypto
import VestibuleEventLoop
import VestibuleSQLiteStore
import VestibuleServer
import VestibuleStorage
import VestibuleTransport

/// What `doctor` looks at.
struct Checkup {
    enum Result {
        case ok(String)
        case trouble(String, advice: String)
    }

    struct Check {
        let name: String
        let result: Result
    }

    private let configuration: ServerConfiguration

    init(_ configuration: ServerConfiguration) {
        self.configuration = configuration
    }

    func all() async -> [Check] {
        let store = await store()
        return [
            Check(name: "clock", result: clock()),
            Check(name: "descriptors", result: descriptors()),
            Check(name: "store", result: store.result),
            Check(name: "disk", result: disk()),
            Check(name: "tls", result: tls()),
            Check(name: "event library", result: await eventLibrary()),
            Check(name: "port", result: await port(isServed: store.isServed)),
            Check(name: "push", result: push()),
        ]
    }

    private func clock() -> Result {
        let now = EventLoop.readNow().time
        // 2026-01-01: nothing of ours is older.
        guard now.milliseconds > 1_767_225_600_000 else {
            return .trouble("it is \(now.rfc3339)", advice: "Set the clock; passes and TLS need it")
        }
        guard EventLoop.isCivilTimeSynchronised else {
            return .trouble(
                "\(now.rfc3339), not synchronised",
                advice: "Run chrony or systemd-timesyncd"
            )
        }
        return .ok("\(now.rfc3339), synchronised")
    }

    private func descriptors() -> Result {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return .trouble("unknown", advice: "Look at `ulimit -n`")
        }
        guard limit.rlim_cur >= 4_096 else {
            return .trouble(
                "\(limit.rlim_cur) may be open",
                advice: "Raise it (LimitNOFILE=65536): one a socket"
            )
        }
        return .ok("\(limit.rlim_cur) may be open")
    }

    private func store() async -> (result: Result, isServed: Bool) {
        let folder = configuration.data
        do {
            let isServed = try SQLiteStore.isServed(folder: folder)
            let served = isServed ? ", served now" : ""
            return (.ok(try await content() + served), isServed)
        } catch StoreError.missing {
            return (
                .trouble(
                    "\(folder) holds none",
                    advice: "`vestibule seed --data \(folder)` makes a building to try"
                ), false
            )
        } catch StoreError.older(let found, let known) {
            return (
                .ok("version \(found), older: will be migrated to \(known) when served"), false
            )
        } catch {
            return (
                .trouble(
                    ServerError.store(error, folder: folder).description,
                    advice: "Restore a backup, or use the version that wrote it"
                ), false
            )
        }
    }

    /// What the store holds, read without changing anything.
    private func content() async throws -> String {
        let store = try await SQLiteStore.open(
            folder: configuration.data,
            limits: configuration.limits,
            access: .reader
        )
        do {
            let rows = try await store.directory()
            await store.close()
            return "\(rows.panels.count) panels, \(rows.units.count) units, "
                + "\(rows.devices.count) devices"
        } catch {
            await store.close()
            throw error
        }
    }

    private func disk() -> Result {
        var folder = configuration.data
        while !FileManager.default.fileExists(atPath: folder), folder.contains("/") {
            folder = (folder as NSString).deletingLastPathComponent
        }
        let attributes = try? FileManager.default.attributesOfFileSystem(
            forPath: folder.isEmpty ? "." : folder
        )
        guard let free = attributes?[.systemFreeSize] as? NSNumber else {
            return .trouble("unknown", advice: "Look at `df`")
        }
        let megabytes = free.int64Value / 1_048_576
        guard megabytes >= 1_024 else {
            return .trouble(
                "\(megabytes) MB free",
                advice: "Make room: without it no unlock is recorded, so none happens"
            )
        }
        return .ok("\(megabytes) MB free")
    }

    private func tls() -> Result {
        guard let files = configuration.tls else {
            return .ok("off, \(configuration.host)")
        }
        do {
            let pem = try String(contentsOfFile: files.certificate, encoding: .utf8)
            let key = try String(contentsOfFile: files.key, encoding: .utf8)
            let facts = try CertificateFacts(pem: pem)
            guard try CertificateFacts.belongTogether(certificate: pem, privateKey: key) else {
                return .trouble(
                    "\(files.key) is not the key of \(files.certificate)",
                    advice: "Give the pair"
                )
            }
            let left = (facts.notAfter - EventLoop.readNow().time).milliseconds / 86_400_000
            guard left >= 14 else {
                return .trouble(
                    "\(files.certificate) ends \(facts.notAfter.rfc3339)",
                    advice: "Renew it, then send SIGHUP"
                )
            }
            return .ok("\(facts.names.joined(separator: ", ")), \(left) days left")
        } catch {
            return .trouble("\(files.certificate): \(error)", advice: "Give readable PEM files")
        }
    }

    /// Opens a server on a free port and closes it: the plug-in of libwebsockets is found at run
    /// time only.
    private func eventLibrary() async -> Result {
        await listen(host: "127.0.0.1", port: 0) { .ok("libwebsockets runs on libuv") }
    }

    private func port(isServed: Bool) async -> Result {
        let address = "\(configuration.host):\(configuration.port)"
        if isServed { return .ok("\(address) is not tried: a server has the folder") }
        return await listen(host: configuration.host, port: configuration.port) {
            .ok("\(address) is free")
        }
    }

    private func listen(host: String, port: Int, _ success: () -> Result) async -> Result {
        do {
            try await ListenProbe.run(
                host: host,
                port: port,
                limits: configuration.limits.transport
            )
            return success()
        } catch { return .trouble("\(error)", advice: "Free it, or choose another with --listen") }
    }

    private func push() -> Result {
        var ways: [String] = []
        if configuration.notifiesLog { ways.append("log") }
        if let webhook = configuration.webhook { ways.append("webhook to \(webhook.url)") }
        return ways.isEmpty
            ? .ok("none: sleeping devices are not rung") : .ok(ways.joined(separator: ", "))
    }
}
