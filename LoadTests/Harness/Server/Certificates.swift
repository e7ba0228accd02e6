// SPDX-License-Identifier: Apache-2.0

/// A certificate of 127.0.0.1 made for one run, and who vouches for it.
struct Certificates {
    /// PEM files.
    let certificate: String
    let key: String

    /// Trusts the authority of this run alone.
    let client: TLSClient

    /// Has `vestibule certs` make them in a new folder.
    init(by binary: String, in folder: String, log: String) throws(LoadFailure) {
        let names = ["--name", "127.0.0.1"]
        let maker = try Child(binary, ["certs", "--out", folder] + names, log: log)
        guard maker.finish().isGood,
            let client = TLSClient(authorities: folder + "/authority.pem")
        else { throw .program("vestibule certs failed (see \(log))", log: "") }
        certificate = folder + "/server.pem"
        key = folder + "/server-key.pem"
        self.client = client
    }
}
