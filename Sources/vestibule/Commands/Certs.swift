// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Glibc
import VestibuleBasics
import VestibuleCrypto
import VestibuleEventLoop

struct Certs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a development authority and a server certificate.",
        discussion: """
            Writes authority.pem, authority-key.pem, server.pem and server-key.pem. An authority \
            that is there already is used again, so that devices which trust it trust each new \
            certificate; one without its key is never replaced.

            For the public internet take certificates from a public authority instead.
            """
    )

    @Option(help: "The folder to write to (made if missing).")
    var out = "Certs"

    @Option(
        help:
            "A name or address the server is reached by; repeat it (default: localhost, 127.0.0.1, ::1)."
    )
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
        } catch { throw Console.fail("no certificates: \(error)") }
    }

    private func authority(at now: Timestamp) throws -> DevelopmentAuthority {
        if let pair = try found() { return DevelopmentAuthority(pair) }
        let authority = try DevelopmentAuthority(name: "Vestibule development authority", now: now)
        try write(authority.pair, "authority")
        return authority
    }

    /// The authority that is there already; half of one, or one whose halves do not fit, is an error,
    /// because devices may trust it.
    private func found() throws -> CertificatePair? {
        let paths = ["\(out)/authority.pem", "\(out)/authority-key.pem"]
        let there = paths.filter { FileManager.default.fileExists(atPath: $0) }
        guard !there.isEmpty else { return nil }
        guard there.count == 2 else {
            let gone = paths.first { $0 != there[0] } ?? ""
            throw Unfit("\(there[0]) is there and \(gone) is not")
        }
        let texts = try paths.map { path in
            do { return try String(contentsOfFile: path, encoding: .utf8) } catch {
                throw Unfit("\(path) cannot be read")
            }
        }
        let (certificate, key) = (texts[0], texts[1])
        let isPair = try? CertificateFacts.belongTogether(certificate: certificate, privateKey: key)
        guard isPair == true else { throw Unfit("\(paths[1]) is not the key of \(paths[0])") }
        return CertificatePair(certificate: certificate, privateKey: key)
    }

    private struct Unfit: Error, CustomStringConvertible {
        let description: String

        init(_ fact: String) {
            description =
                "\(fact). Put the missing half back, or remove both for a new authority"
                + " (every device must then trust that one)"
        }
    }

    /// The key can be read by its owner only, from the first byte.
    private func write(_ pair: CertificatePair, _ name: String) throws {
        try Data(pair.certificate.utf8).write(to: URL(fileURLWithPath: "\(out)/\(name).pem"))
        let path = "\(out)/\(name)-key.pem"
        try? FileManager.default.removeItem(atPath: path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try file.write(contentsOf: Data(pair.privateKey.utf8))
    }
}
