// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import VestibuleBasics

/// The server that is measured: one that we seeded and started, or one that runs already.
final class ServerUnderTest {
    let building: Building
    let address: EpollAddress

    /// Nil where nobody told whose processor time counts.
    let process: pid_t?

    /// As given on the command line, or what we chose.
    let place: String

    /// Where a forwarder connects to; nil for a server, which needs none.
    let far: FarListener?

    private let child: Child?
    private let isPeer: Bool
    private let binary: String
    private let folder: String?
    private let log: String

    /// Makes a building in a folder of its own and serves it there, on a core for each loop.
    init(
        binary: String,
        in folder: String,
        needs: BuildingNeeds,
        loops: Int,
        settings: [String],
        cores: [Int]?,
        tls: Certificates? = nil
    ) throws(LoadFailure) {
        let data = folder + "/data"
        let log = folder + "/server.log"
        building = try Self.seed(binary, data, needs, log: log)
        var arguments = ["serve", "--data", data, "--listen", "127.0.0.1:0", "--loops", "\(loops)"]
        for setting in settings { arguments += ["--set", setting] }
        if let tls { arguments += ["--tls-certificate", tls.certificate, "--tls-key", tls.key] }
        let child = try Child(binary, arguments, log: log, cores: cores)
        let prefix = "listening on "
        guard let line = child.line(within: .seconds(60)), line.hasPrefix(prefix) else {
            child.stop()
            throw .program("the server did not start", log: Self.tail(of: log))
        }
        place = String(line.dropFirst(prefix.count))
        address = try Self.address(of: place, trusting: tls?.client)
        process = child.process
        self.child = child
        far = nil
        isPeer = false
        self.binary = binary
        self.folder = data
        self.log = log
    }

    /// Uses a server that runs already, with a building that it serves.
    init(
        url: String,
        building path: String,
        process: pid_t?,
        binary: String,
        data: String?,
        authority: String?
    ) throws(LoadFailure) {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw .usage("\(path) cannot be read")
        }
        building = try Self.building(in: bytes)
        place = url
        let client = try authority.map { path throws(LoadFailure) in
            guard let client = TLSClient(authorities: path) else {
                throw .usage("\(path) holds no certificate of an authority")
            }
            return client
        }
        address = try Self.address(of: url, trusting: client)
        self.process = process
        self.binary = binary
        folder = data
        child = nil
        far = nil
        isPeer = false
        log = "/dev/null"
    }

    /// Takes a peer that was started to be compared with; it has no building.
    init(_ peer: StartedPeer) {
        building = Building(panels: [], units: [])
        place = peer.address.text
        address = peer.address
        process = peer.child?.process
        child = peer.child
        far = peer.far
        isPeer = true
        binary = ""
        folder = nil
        log = peer.log
    }

    /// Whether it is ours to look into and to end.
    var isOurs: Bool { child != nil }

    /// What its counters stand at; a peer has none.
    func metrics() throws(LoadFailure) -> ServerMetrics {
        isPeer ? ServerMetrics(page: "") : try ServerMetrics(from: address)
    }

    /// Nil while it runs, or where it is not ours; else why it does not.
    var trouble: String? {
        guard let child, !child.isRunning else { return nil }
        return "the server ended by itself; its log ends:\n\(Self.tail(of: log))"
    }

    /// The newest calls of its history; nil where its folder is not known.
    func history(newest count: Int) throws(LoadFailure) -> [PastCall]? {
        guard let folder else { return nil }
        return try PastCalls.newest(count) { limit, before throws(LoadFailure) in
            try page(of: folder, limit: limit, before: before)
        }
    }

    private func page(
        of folder: String,
        limit: Int,
        before: String?
    ) throws(LoadFailure) -> [PastCall] {
        var arguments = ["history", "--data", folder, "--json", "--limit", "\(limit)"]
        if let before { arguments += ["--before", before] }
        let reader = try Child(binary, arguments, log: log)
        let (output, isGood) = reader.finish()
        guard isGood, let calls = try? JSONDecoder().decode([PastCall].self, from: Data(output))
        else { throw .program("vestibule history failed", log: Self.tail(of: log)) }
        return calls
    }

    func stop() { child?.stop() }

    private static func seed(
        _ binary: String,
        _ data: String,
        _ needs: BuildingNeeds,
        log: String
    ) throws(LoadFailure) -> Building {
        let seeding = try Child(
            binary,
            [
                "seed", "--data", data, "--units", "\(needs.units)",
                "--residents", "\(needs.residents)", "--devices", "\(needs.devices)",
                "--panels", "\(needs.panels)", "--doors", "\(needs.doors)", "--json",
            ],
            log: log
        )
        let (output, isGood) = seeding.finish()
        guard isGood else { throw .program("vestibule seed failed", log: tail(of: log)) }
        return try building(in: Data(output))
    }

    private static func building(in json: Data) throws(LoadFailure) -> Building {
        do { return try JSONDecoder().decode(Building.self, from: json) } catch {
            throw .usage("no building as `vestibule seed --json` prints it: \(error)")
        }
    }

    /// Without anyone to trust there is no wss, and with somebody nothing else.
    private static func address(
        of url: String,
        trusting client: TLSClient?
    ) throws(LoadFailure) -> EpollAddress {
        let scheme = client == nil ? "ws" : "wss"
        guard let parts = URLComponents(string: url), parts.scheme == scheme,
            let host = parts.host,
            var address = EpollAddress(
                host.trimmingCharacters(in: CharacterSet(charactersIn: "[]")),
                port: UInt16(clamping: parts.port ?? (client == nil ? 80 : 443))
            )
        else {
            let hint = url.hasPrefix("wss:") && client == nil ? " (wss needs --authority)" : ""
            throw .usage("\(scheme)://ADDRESS:PORT with a numeric address, not \(url)\(hint)")
        }
        address.tls = client
        return address
    }

    private static func tail(of log: String) -> String {
        let text = FileManager.default.contents(atPath: log) ?? Data()
        return String(decoding: text.suffix(2_000), as: UTF8.self)
    }
}
