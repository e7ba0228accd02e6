// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleTransport
import VestibuleWire

/// A seeded folder that the real binary serves, and the clients of it.
final class BinaryHouse: Sendable {
    let building: TestBuilding
    let folder: String
    let clients: Clients
    private let settings: [String]
    private let shell: String?
    private let serving = Locked<Serving?>(nil)
    private let port = Locked(0)

    fileprivate init(
        building: TestBuilding,
        folder: String,
        clients: Clients,
        settings: [String],
        shell: String?
    ) {
        self.building = building
        self.folder = folder
        self.clients = clients
        self.settings = settings
        self.shell = shell
    }

    var listens: Int { port.withLock { $0 } }

    /// Its process; 0 where it does not run.
    var pid: Int32 { serving.withLock { $0?.pid } ?? 0 }

    /// Starts the binary, on its port of before where it had one.
    func start(_ more: [String] = []) async throws {
        let port = port.withLock { $0 }
        let started = try await Serving.start(
            data: folder,
            port: port,
            settings + more,
            shell: shell
        )
        self.port.withLock { $0 = started.port }
        serving.withLock { $0 = started }
    }

    func freeze() { serving.withLock { $0?.freeze() } }

    func thaw() { serving.withLock { $0?.thaw() } }

    func kill9() async {
        await taken()?.kill9()
    }

    /// Asks the binary to end; its exit status.
    func terminate() async -> Int32 {
        await taken()?.terminate() ?? -1
    }

    private func taken() -> Serving? {
        serving.withLock { serving in
            defer { serving = nil }
            return serving
        }
    }

    /// A socket of this principal that was welcomed, and what the welcome said; `port` is that of a
    /// proxy before it.
    func connect(
        _ principal: Principal,
        resume: Resume? = nil,
        reaction: Peer.Reaction? = nil,
        by port: Int? = nil
    ) async throws -> (peer: Peer, welcome: Welcome) {
        let peer = Peer(clients, reaction: reaction)
        let port = port ?? listens
        try await peer.connect(
            to: WebSocketTarget(isSecure: false, host: "127.0.0.1", port: port)
        )
        try await peer.isOpen()
        let token = building.token(principal)
        return (peer, try await peer.hello(token, as: principal.text, resume: resume))
    }

    func connect(
        _ principal: Principal,
        resume: Resume? = nil,
        by port: Int? = nil
    ) async throws -> Peer {
        try await connect(principal, resume: resume, reaction: nil, by: port).peer
    }
}

/// Runs `body` with a folder that the binary serves; both are gone after it.
///
/// A `shell` script may start the binary: `$0`, with the arguments `$@`.
func withBinary(
    _ settings: [String] = [],
    _ building: TestBuilding = TestBuilding(),
    shell: String? = nil,
    _ body: (BinaryHouse) async throws -> Void
) async throws {
    let scratch = try ScratchFolder()
    defer { scratch.remove() }
    let folder = scratch.path + "/data"
    try await building.save(to: folder)
    let clients = try await Clients.open()
    // The machine may do much else: nothing is told before it is written.
    let patience = ["--set", "limits.ledger.patience=5", "--set", "limits.media.age=5"]
    let house = BinaryHouse(
        building: building,
        folder: folder,
        clients: clients,
        settings: patience + settings,
        shell: shell
    )
    var failure: (any Error)?
    do {
        try await house.start()
        try await body(house)
    } catch {
        failure = error
    }
    await house.kill9()
    await clients.close()
    if let failure { throw failure }
}
