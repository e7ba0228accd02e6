// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL

/// Owns an `EVP_PKEY`.
struct PrivateKey: ~Copyable {
    let pointer: OpaquePointer

    /// Draws a key on NIST P-256.
    init(onP256: Void) throws(CryptoError) {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else {
            throw CryptoError.last("make a key")
        }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1,
            EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
            EVP_PKEY_generate(context, &key) == 1, let key
        else { throw CryptoError.last("make a key") }
        pointer = key
    }

    /// Reads PKCS #8 or a traditional key, without a passphrase.
    init(pem: String) throws(CryptoError) {
        let key = try withMemory(reading: pem) { memory in
            // An encrypted key would make OpenSSL ask at the terminal; an empty answer refuses.
            PEM_read_bio_PrivateKey(memory, nil, { _, _, _, _ in 0 }, nil)
        }
        guard let key else {
            ERR_clear_error()
            throw CryptoError.notPEM("private key")
        }
        pointer = key
    }

    deinit { EVP_PKEY_free(pointer) }

    /// PKCS #8 (RFC 5958) in PEM, not encrypted.
    func pem() throws(CryptoError) -> String {
        try withMemory(writing: "write a key") { memory in
            PEM_write_bio_PKCS8PrivateKey(memory, pointer, nil, nil, 0, nil, nil) == 1
        }
    }
}

/// Owns an `X509`.
struct Certificate: ~Copyable {
    let pointer: OpaquePointer

    /// An empty certificate, version 3.
    init() throws(CryptoError) {
        guard let made = X509_new() else { throw CryptoError.last("make a certificate") }
        // Fails only for a version that does not exist.
        X509_set_version(made, 2)
        pointer = made
    }

    /// The first certificate in `pem`, which is a server's own where a chain is given.
    init(pem: String) throws(CryptoError) {
        let read = try withMemory(reading: pem) { PEM_read_bio_X509($0, nil, nil, nil) }
        guard let read else {
            ERR_clear_error()
            throw CryptoError.notPEM("certificate")
        }
        pointer = read
    }

    deinit { X509_free(pointer) }

    func pem() throws(CryptoError) -> String {
        try withMemory(writing: "write a certificate") { PEM_write_bio_X509($0, pointer) == 1 }
    }
}

/// Runs `body` with a BIO that reads `text`.
func withMemory<Result>(
    reading text: String,
    _ body: (OpaquePointer) -> Result
) throws(CryptoError) -> Result {
    let bytes = [UInt8](text.utf8)
    guard bytes.count <= 1 << 20 else { throw CryptoError.notPEM("file below 1 MiB") }
    guard let memory = BIO_new(BIO_s_mem()) else { throw CryptoError.last("read") }
    defer { BIO_free_all(memory) }
    if !bytes.isEmpty { BIO_write(memory, bytes, Int32(bytes.count)) }
    return body(memory)
}

/// The text that `body` writes into a BIO.
func withMemory(
    writing operation: String,
    _ body: (OpaquePointer) -> Bool
) throws(CryptoError) -> String {
    guard let memory = BIO_new(BIO_s_mem()) else { throw CryptoError.last(operation) }
    defer { BIO_free_all(memory) }
    guard body(memory) else { throw CryptoError.last(operation) }
    let count = Int32(clamping: BIO_ctrl_pending(memory))
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
        filled = max(0, Int(BIO_read(memory, buffer.baseAddress, count)))
    }
    return String(decoding: bytes, as: UTF8.self)
}
