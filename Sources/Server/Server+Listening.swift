// SPDX-License-Identifier: Apache-2.0

import Logging
import VestibuleAccessCore
import VestibuleBasics
import VestibuleEventLoop
import VestibuleNotifier
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleSwitchboard
import VestibuleTransport

/// Who is notified, the watch on the directory, and the goodbye.
extension Server {
    /// The notifiers that were given, and those that the configuration names.
    func ways(over gateway: WebhookGateway?) -> [PushWay] {
        var ways = givenNotifiers.map { PushWay(notifier: $0, address: nil) }
        if configuration.notifiesLog {
            let logger = logger
            let log = LogNotifier { line in logger.info("\(line)") }
            ways.append(PushWay(notifier: log, address: nil))
        }
        if let gateway { ways.append(PushWay(notifier: gateway.notifier, address: gateway.url)) }
        return ways
    }

    /// Looks for commits of other processes (seed, token): the boards get a new snapshot.
    func watchDirectory(from version: Int64) -> Task<Void, Never> {
        Task { [configuration, logger] in
            var known = version
            while !Task.isCancelled {
                try? await Task.sleep(for: configuration.limits.ledger.watch)
                guard let running else { return }
                do {
                    let version = try await running.store.directoryVersion()
                    guard version != known else { continue }
                    let snapshot = DirectorySnapshot(try await running.store.directory())
                    known = snapshot.version
                    for station in running.stations { station.post(.directory(snapshot)) }
                    logger.info("directory read again", metadata: ["version": "\(known)"])
                } catch {
                    logger.error("the directory cannot be read: \(error)")
                }
            }
        }
    }

    /// Says goodbye, closes 1012, and waits for the sockets to be gone and the requests in flight to
    /// be answered.
    func closeSockets(of running: Running) async {
        for transport in running.transports { await transport.stopAccepting() }
        for station in running.stations { station.post(.restarting) }
        for station in running.stations { station.post(.closeAll) }
        let deadline = EventLoop.readMoment() + configuration.limits.transport.shutdown
        while EventLoop.readMoment() < deadline {
            var open = 0
            for transport in running.transports { open += await transport.counters().unfinished }
            if open == 0 { return }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// Why a server does not start; the text is one line for the operator.
public enum ServerError: Error, CustomStringConvertible {
    case insecureListening(host: String)
    case store(any Error, folder: String)

    /// ``Server/stop()`` came before or while it started.
    case stopped

    /// It starts or runs already.
    case startedBefore

    /// One line for the operator.
    public var description: String {
        switch self {
        case .insecureListening(let host):
            "\(host) is beyond loopback: give a certificate and key, or --insecure-listen behind "
                + "something that does TLS"
        case .store(let error, let folder): StoreFault.describe(error, folder: folder)
        case .stopped: "the server was stopped before it ran"
        case .startedBefore: "the server was started before: make another one"
        }
    }
}

/// Store errors for people.
enum StoreFault {
    static func describe(_ error: any Error, folder: String) -> String {
        guard let error = error as? StoreError else { return "\(folder): \(error)" }
        return switch error {
        case .held: "\(folder) is held by another server"
        case .missing: "\(folder) holds no store: `vestibule seed` makes one to try"
        case .older(let found, let known):
            "\(folder) is of store version \(found) and will be migrated to \(known) when it is served"
        case .newer(let found, let known):
            "\(folder) is of store version \(found), this program knows \(known): use a newer one"
        case .notEmpty: "\(folder) is not empty"
        case .damaged(let detail), .unreadable(let detail): "\(folder) is damaged: \(detail)"
        case .locked: "\(folder) is locked by another program"
        case .full: "no space is left for \(folder)"
        case .constraint(let detail), .failed(let detail): "\(folder): \(detail)"
        }
    }
}
