// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL
import Glibc
package import VestibuleBasics

/// What an operator wants to know of a certificate.
package struct CertificateFacts: Sendable, Equatable {
    /// Its common name, or nil.
    package let commonName: String?

    /// The DNS names and IP addresses it is for, as RFC 5280 §4.2.1.6 lists them.
    package let names: [String]

    /// When it begins to be valid.
    package let notBefore: Timestamp

    /// When it stops being valid.
    package let notAfter: Timestamp

    /// Whether it may sign others.
    package let isAuthority: Bool

    /// Reads the first certificate in `pem`.
    package init(pem: String) throws(CryptoError) {
        let certificate = try Certificate(pem: pem)
        commonName = Self.commonName(of: certificate)
        names = Self.names(of: certificate)
        notBefore = try Self.time(X509_get0_notBefore(certificate.pointer))
        notAfter = try Self.time(X509_get0_notAfter(certificate.pointer))
        isAuthority = X509_check_ca(certificate.pointer) == 1
    }

    /// Whether `privateKey` is the key of `certificate`, both in PEM.
    package static func belongTogether(
        certificate: String,
        privateKey: String
    ) throws(CryptoError) -> Bool {
        let certificate = try Certificate(pem: certificate)
        let key = try PrivateKey(pem: privateKey)
        let together = X509_check_private_key(certificate.pointer, key.pointer) == 1
        ERR_clear_error()
        return together
    }

    /// Whether the first certificate in `pem` was signed by the first one in `authority`.
    package static func isSigned(
        _ pem: String,
        by authority: String
    ) throws(CryptoError) -> Bool {
        let certificate = try Certificate(pem: pem)
        let issuer = try Certificate(pem: authority)
        let isIssuer = X509_check_issued(issuer.pointer, certificate.pointer) == X509_V_OK
        let isValid = X509_verify(certificate.pointer, X509_get0_pubkey(issuer.pointer)) == 1
        ERR_clear_error()
        return isIssuer && isValid
    }

    private static func commonName(of certificate: borrowing Certificate) -> String? {
        let subject = X509_get_subject_name(certificate.pointer)
        let position = X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
        guard position >= 0, let entry = X509_NAME_get_entry(subject, position) else { return nil }
        return text(X509_NAME_ENTRY_get_data(entry))
    }

    private static func names(of certificate: borrowing Certificate) -> [String] {
        let found = X509_get_ext_d2i(certificate.pointer, NID_subject_alt_name, nil, nil)
        guard let found else { return [] }
        let stack = OpaquePointer(found)
        defer { GENERAL_NAMES_free(stack) }
        return (0..<max(0, OPENSSL_sk_num(stack))).compactMap { position in
            let name = OPENSSL_sk_value(stack, position)?
                .assumingMemoryBound(to: GENERAL_NAME.self).pointee
            return switch name?.type {
            case GEN_DNS: text(name?.d.dNSName)
            case GEN_IPADD: address(name?.d.iPAddress)
            default: nil
            }
        }
    }

    private static func text(_ string: UnsafePointer<ASN1_STRING>?) -> String? {
        guard let string, let bytes = ASN1_STRING_get0_data(string) else { return nil }
        let count = Int(ASN1_STRING_length(string))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    private static func address(_ string: UnsafePointer<ASN1_STRING>?) -> String? {
        guard let string, let bytes = ASN1_STRING_get0_data(string) else { return nil }
        let family = ASN1_STRING_length(string) == 4 ? AF_INET : AF_INET6
        guard family == AF_INET || ASN1_STRING_length(string) == 16 else { return nil }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8($0) }, as: UTF8.self)
    }

    private static func time(_ time: UnsafePointer<ASN1_TIME>?) throws(CryptoError) -> Timestamp {
        var parts = tm()
        guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else {
            throw CryptoError.last("read a certificate's time")
        }
        return Timestamp(milliseconds: Int64(timegm(&parts)) * 1000)
    }
}
