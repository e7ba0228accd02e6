// SPDX-License-Identifier: Apache-2.0

#ifndef CVESTIBULE_OPENSSL_LINK_H
#define CVESTIBULE_OPENSSL_LINK_H

// TLS over a socket of one's own, without libwebsockets: for the load generator.

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

/// A client's context of its own, without libwebsockets: chain and address are verified against the
/// authorities of a file, and there is no way around that. NULL when the file holds none.
///
/// AES-128-GCM first, as servers here prefer it; records are read ahead, so that one system call
/// brings many.
static inline SSL_CTX *vestibule_link_context(const char *authorities) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!context) return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, 64 * 1024);
    if (SSL_CTX_load_verify_file(context, authorities) == 1 &&
        SSL_CTX_set_ciphersuites(
            context,
            "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1)
        return context;
    SSL_CTX_free(context);
    ERR_clear_error();
    return NULL;
}

/// A connection of that context over a connected socket, which stays the caller's; the certificate
/// must be for `address`, an IP address. NULL when there is no memory, or it is no address.
static inline SSL *vestibule_link_make(SSL_CTX *context, int descriptor, const char *address) {
    SSL *ssl = SSL_new(context);
    if (!ssl) return NULL;
    if (SSL_set_fd(ssl, descriptor) == 1 &&
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), address) == 1) {
        SSL_set_connect_state(ssl);
        return ssl;
    }
    SSL_free(ssl);
    ERR_clear_error();
    return NULL;
}

/// Goes on with the handshake: 1 when it is done, 0 when the kernel has nothing, or takes no more,
/// now, -1 when the connection is over. After it vestibule_tls_read and _write serve.
static inline int vestibule_link_handshake(SSL *ssl) {
    ERR_clear_error();
    int result = SSL_do_handshake(ssl);
    if (result > 0) return 1;
    int error = SSL_get_error(ssl, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

/// Why a handshake failed, in OpenSSL's words: what is wrong with the certificate, or else.
static inline const char *vestibule_link_complaint(SSL *ssl) {
    long verdict = SSL_get_verify_result(ssl);
    if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason ? reason : "the connection was closed";
}

#endif
