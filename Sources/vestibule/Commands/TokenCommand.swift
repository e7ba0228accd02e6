// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCrypto
import VestibuleEventLoop
import VestibuleSQLiteStore
import VestibuleServer
import VestibuleStorage

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Issue or revoke the credential of a panel or a device.",
        discussion: """
            A new credential replaces the old ones, whose sockets close at once, unless --keep. \
            A running server notices within a second. The token is the only line on stdout; it is \
            shown this once, the store keeps a hash of it.
            """
    )

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case panel
        case device
    }

    @Argument(help: "What it is for: panel or device.")
    var kind: Kind

    @Argument(help: "Its id, as `seed` printed it.")
    var id: String

    @Option(help: "The folder of the server.")
    var data: String

    @Flag(help: "Revoke all of its credentials and issue none; prints how many there were.")
    var revoke = false

    @Flag(help: "Let older credentials live beside the new one.")
    var keep = false

    func validate() throws {
        guard principal != nil else { throw ValidationError("\(id) is no \(kind.rawValue) id") }
        guard !revoke || !keep else {
            throw ValidationError("--revoke and --keep exclude each other")
        }
    }

    func run() async throws {
        guard let principal else { throw ValidationError("\(id) is no \(kind.rawValue) id") }
        do {
            let store = try await SQLiteStore.open(folder: data, limits: Limits(), access: .tool)
            do { try await serve(principal, from: store) } catch {
                await store.close()
                throw error
            }
            await store.close()
        } catch let error as StoreError {
            throw Console.fail(ServerError.store(error, folder: data).description)
        }
    }

    private func serve(_ principal: Principal, from store: SQLiteStore) async throws {
        let directory = DirectorySnapshot(try await store.directory())
        guard isKnown(principal, to: directory) else {
            throw Console.fail("there is no \(kind.rawValue) \(id) in \(data)")
        }
        if revoke {
            Console.out("revoked \(try await store.revoke(principal))")
        } else {
            try await issue(principal, in: store)
        }
    }

    private func issue(_ principal: Principal, in store: SQLiteStore) async throws {
        let token = SecretToken(kind == .panel ? .panel : .device)
        var random = SystemRandomNumberGenerator()
        let row = CredentialRow(
            id: CredentialID(at: EventLoop.readNow().time, using: &random),
            hash: CredentialHash(token.digest.bytes),
            principal: principal
        )
        try await store.issue(row, replacing: !keep)
        Console.out(token.reveal())
    }

    private var principal: Principal? {
        switch kind {
        case .panel: PanelID(id).map { .panel($0) }
        case .device: DeviceID(id).map { .device($0) }
        }
    }

    private func isKnown(_ principal: Principal, to directory: DirectorySnapshot) -> Bool {
        switch principal {
        case .panel(let panel): directory.panel(panel) != nil
        case .device(let device): directory.device(device) != nil
        }
    }
}
