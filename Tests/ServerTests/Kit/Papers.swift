// SPDX-License-Identifier: Apache-2.0

import Foundation
import VestibuleBasics
import VestibuleCrypto
import VestibuleEventLoop

/// A server's certificate of an authority of our own, in a scratch folder.
struct Papers: Sendable {
    private let folder: String
    private let authority: DevelopmentAuthority

    var certificate: String { folder + "/server.pem" }
    var key: String { folder + "/server-key.pem" }
    var authorityFile: String { folder + "/authority.pem" }

    init(in folder: ScratchFolder) throws {
        self.folder = folder.path
        authority = try DevelopmentAuthority(name: "Test", now: EventLoop.readNow().time)
        try write(authority.pair.certificate, to: authorityFile)
        try issue()
    }

    /// Writes a new pair over the old one.
    func issue() throws {
        let pair = try authority.issue(for: ["127.0.0.1"], now: EventLoop.readNow().time)
        try write(pair.certificate, to: certificate)
        try write(pair.privateKey, to: key)
    }

    func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }
}
