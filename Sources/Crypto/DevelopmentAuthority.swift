// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL
package import VestibuleBasics

/// A certificate and its key, both in PEM.
package struct CertificatePair: Sendable {
    /// The certificate; a secret of nobody.
    package let certificate: String

    /// The private key, not encrypted: to be written with mode 0600.
    package let privateKey: String

    /// Takes both over.
    package init(certificate: String, privateKey: String) {
        self.certificate = certificate
        self.privateKey = privateKey
    }
}

/// A certificate authority for development and for houses without a public name.
///
/// Everything is EC P-256 with SHA-256, X.509 version 3 (RFC 5280). Whoever trusts the authority
/// trusts every name its key signs, so the key stays where it was made.
package struct DevelopmentAuthority: Sendable {
    /// The authority's own certificate and key.
    package let pair: CertificatePair

    /// Takes over an authority that was made earlier.
    package init(_ pair: CertificatePair) {
        self.pair = pair
    }

    /// Makes a new authority, valid from an hour before `now` (clocks differ).
    package init(
        name: String,
        now: Timestamp,
        validity: Duration = .seconds(3650 * 86_400)
    ) throws(CryptoError) {
        let key = try PrivateKey(onP256: ())
        let certificate = try Certificate()
        let blank = Blank(subject: name, now: now, validity: validity)
        try certificate.fill(blank, key: key)
        try certificate.copySubjectToIssuer(from: certificate)
        try certificate.extend(
            [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
            ],
            issuer: certificate
        )
        try certificate.sign(with: key)
        pair = CertificatePair(certificate: try certificate.pem(), privateKey: try key.pem())
    }

    /// Issues a server's certificate for `names`.
    ///
    /// They are DNS names, `*.` at the front allowed, and IP addresses. 397 days are the longest that every platform accepts.
    package func issue(
        for names: [String],
        now: Timestamp,
        validity: Duration = .seconds(397 * 86_400)
    ) throws(CryptoError) -> CertificatePair {
        var alternatives: [String] = []
        for name in names { alternatives.append(try Self.alternative(name)) }
        guard let first = names.first else { throw CryptoError.badName("(no name at all)") }
        let issuer = try Certificate(pem: pair.certificate)
        let issuerKey = try PrivateKey(pem: pair.privateKey)
        let key = try PrivateKey(onP256: ())
        let certificate = try Certificate()
        let blank = Blank(subject: String(first.prefix(64)), now: now, validity: validity)
        try certificate.fill(blank, key: key)
        try certificate.copySubjectToIssuer(from: issuer)
        try certificate.extend(
            [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, "serverAuth"),
                (NID_subject_alt_name, alternatives.joined(separator: ",")),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
            ],
            issuer: issuer
        )
        try certificate.sign(with: issuerKey)
        return CertificatePair(certificate: try certificate.pem(), privateKey: try key.pem())
    }

    /// OpenSSL reads the list as text, so a name must not be able to add to it.
    private static func alternative(_ name: String) throws(CryptoError) -> String {
        guard !name.utf8.contains(0) else { throw CryptoError.badName(name) }
        let isAddress = a2i_IPADDRESS(name).map { ASN1_OCTET_STRING_free($0) } != nil
        ERR_clear_error()
        if isAddress { return "IP:" + name }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.enumerated().allSatisfy { position, label in
            if position == 0, label == "*", labels.count > 1 { return true }
            return (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { byte in
                    (97...122).contains(byte) || (65...90).contains(byte)
                        || (48...57).contains(byte) || byte == UInt8(ascii: "-")
                }
        }
        guard isName, name.utf8.count <= 253 else { throw CryptoError.badName(name) }
        return "DNS:" + name
    }
}

/// What every certificate needs before its extensions.
private struct Blank {
    let subject: String
    let now: Timestamp
    let validity: Duration
}

extension Certificate {
    fileprivate borrowing func fill(
        _ blank: Blank,
        key: borrowing PrivateKey
    ) throws(CryptoError) {
        // 127 random bits (CA/Browser Forum wants 64), positive, never zero.
        var serial = secureRandomBytes(16)
        serial[0] = serial[0] & 0x7F | 0x40
        let start = Int(blank.now.milliseconds / 1000)
        let end = start + Int(blank.validity.milliseconds / 1000)
        guard ASN1_STRING_set(X509_get_serialNumber(pointer), serial, 16) == 1,
            ASN1_TIME_set(X509_getm_notBefore(pointer), start - 3600) != nil,
            ASN1_TIME_set(X509_getm_notAfter(pointer), end) != nil,
            X509_set_pubkey(pointer, key.pointer) == 1,
            X509_NAME_add_entry_by_NID(
                X509_get_subject_name(pointer),
                NID_commonName,
                MBSTRING_FLAG,
                [UInt8](blank.subject.utf8),
                Int32(blank.subject.utf8.count),
                -1,
                0
            ) == 1
        else { throw CryptoError.last("fill a certificate") }
    }

    fileprivate borrowing func copySubjectToIssuer(
        from issuer: borrowing Certificate
    ) throws(CryptoError) {
        guard X509_set_issuer_name(pointer, X509_get_subject_name(issuer.pointer)) == 1 else {
            throw CryptoError.last("name the issuer")
        }
    }

    fileprivate borrowing func extend(
        _ extensions: [(Int32, String)],
        issuer: borrowing Certificate
    ) throws(CryptoError) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer.pointer, pointer, nil, nil, 0)
        for (identifier, value) in extensions {
            guard let made = X509V3_EXT_conf_nid(nil, &context, identifier, value) else {
                throw CryptoError.last("extend a certificate")
            }
            defer { X509_EXTENSION_free(made) }
            guard X509_add_ext(pointer, made, -1) == 1 else {
                throw CryptoError.last("extend a certificate")
            }
        }
    }

    fileprivate borrowing func sign(with key: borrowing PrivateKey) throws(CryptoError) {
        guard X509_sign(pointer, key.pointer, EVP_sha256()) > 0 else {
            throw CryptoError.last("sign a certificate")
        }
    }
}
