// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import VestibuleBasics
import VestibuleCrypto
import VestibuleEventLoop

struct Certs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a development authority and a server certificate.",
        discussion: """
            Writes authority.pem, authority-key.pem, server.pem and server-key.pem. An authority \
            that is there already is used again; devices that trust it trust each new certificate. \
            For the public internet take certificates from a public authority instead.
            """
    )

    @Option(help: "The folder to write to.")
    var out = "Certs"

    @Option(help: "A name or address the server is reached by; repeat it.")
    var name: [String] = []

    func run() throws {
        let names = name.isEmpty ? ["localhost", "127.0.0.1", "::1"] : name
        let now = EventLoop.readNow().time
        do {
            try FileManager.default.createDirectory(
                atPath: out,
                withIntermediateDirectories: true
            )
            let authority = try authority(at: now)
            let server = try authority.issue(for: names, now: now)
            try write(server, "server")
            Console.out(
                "\(out)/server.pem and \(out)/server-key.pem for \(names.joined(separator: ", "))"
            )
            Console.out("trusted by who trusts \(out)/authority.pem")
        } catch { throw Console.fail("certificates: \(error)") }
    }

    private func authority(at now: Timestamp) throws -> DevelopmentAuthority {
        let paths = (out + "/authority.pem", out + "/authority-key.pem")
        if let certificate = try? String(contentsOfFile: paths.0, encoding: .utf8),
            let key = try? String(contentsOfFile: paths.1, encoding: .utf8)
        {
            return DevelopmentAuthority(CertificatePair(certificate: certificate, privateKey: key))
        }
        let authority = try DevelopmentAuthority(name: "Vestibule development authority", now: now)
        try write(authority.pair, "authority")
        return authority
    }

    /// The key can be read by its owner only, from the first byte.
    private func write(_ pair: CertificatePair, _ name: String) throws {
        try Data(pair.certificate.utf8).write(to: URL(fileURLWithPath: "\(out)/\(name).pem"))
        let path = "\(out)/\(name)-key.pem"
        try? FileManager.default.removeItem(atPath: path)
        guard
            FileManager.default.createFile(
                atPath: path,
                contents: Data(pair.privateKey.utf8),
                attributes: [.posixPermissions: 0o600]
            )
        else { throw CocoaError(.fileWriteUnknown) }
    }
}
