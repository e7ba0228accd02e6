// SPDX-License-Identifier: Apache-2.0

#ifndef CVESTIBULE_OPENSSL_TLS_H
#define CVESTIBULE_OPENSSL_TLS_H

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

/// A certificate, its chain and its key, ready to be shown in handshakes.
typedef struct {
    X509 *certificate;
    EVP_PKEY *key;
    STACK_OF(X509) *chain;
} vestibule_tls_identity;

static inline void vestibule_tls_identity_free(vestibule_tls_identity *identity) {
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
    sk_X509_pop_free(identity->chain, X509_free);
    memset(identity, 0, sizeof *identity);
}

/// Whether reading PEM has ended because nothing more begins, and not in the midst of something.
static inline int vestibule_tls_is_pem_end(void) {
    unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

/// Reads the leaf and the rest of the chain; 1 when there is a leaf and the file ends after a
/// whole certificate. A file that is being written is torn anywhere.
static inline int vestibule_tls_read_chain(vestibule_tls_identity *identity, const char *path) {
    BIO *file = BIO_new_file(path, "r");
    if (!file) return 0;
    ERR_clear_error();
    identity->certificate = PEM_read_bio_X509_AUX(file, NULL, NULL, NULL);
    identity->chain = sk_X509_new_null();
    X509 *next;
    while (identity->certificate && (next = PEM_read_bio_X509(file, NULL, NULL, NULL)))
        sk_X509_push(identity->chain, next);
    int whole = identity->certificate && vestibule_tls_is_pem_end();
    BIO_free(file);
    ERR_clear_error();
    return whole;
}

/// Whether the leaf is good at `now` (seconds since 1970): 0, 1 when it has expired, -1 when it is
/// not valid yet.
static inline int vestibule_tls_dates(const vestibule_tls_identity *identity, long now) {
    time_t moment = (time_t)now;
    if (X509_cmp_time(X509_get0_notAfter(identity->certificate), &moment) < 0) return 1;
    return X509_cmp_time(X509_get0_notBefore(identity->certificate), &moment) > 0 ? -1 : 0;
}

/// An encrypted key is refused rather than asked for on a terminal.
static inline int vestibule_tls_no_password(char *buffer, int size, int writing, void *data) {
    return 0;
}

static inline int vestibule_tls_read_key(vestibule_tls_identity *identity, const char *path) {
    BIO *file = BIO_new_file(path, "r");
    if (!file) return 0;
    identity->key = PEM_read_bio_PrivateKey(file, NULL, vestibule_tls_no_password, NULL);
    BIO_free(file);
    ERR_clear_error();
    return identity->key != NULL;
}

/// 1 when the key is the certificate's and OpenSSL would serve with the pair.
static inline int vestibule_tls_check(const vestibule_tls_identity *identity) {
    SSL_CTX *scratch = SSL_CTX_new(TLS_server_method());
    if (!scratch) return 0;
    int good = SSL_CTX_use_cert_and_key(scratch, identity->certificate, identity->key,
                                        identity->chain, 1) == 1 &&
               SSL_CTX_check_private_key(scratch) == 1;
    SSL_CTX_free(scratch);
    ERR_clear_error();
    return good;
}

/// Shows the identity that `slot` holds now: a reload is a change of the slot, and connections
/// that are open keep what they have.
static inline int vestibule_tls_show(SSL *ssl, void *slot) {
    const vestibule_tls_identity *identity = (const vestibule_tls_identity *)slot;
    return SSL_use_cert_and_key(ssl, identity->certificate, identity->key, identity->chain, 1);
}

/// Sets up a server's context: TLS 1.2 and 1.3, AES-128-GCM first, buffers released when idle,
/// tickets that every loop of the process can open.
static inline int vestibule_tls_prepare(
    SSL_CTX *context, vestibule_tls_identity *slot, unsigned char *ticket_keys, int ticket_size) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_cert_cb(context, vestibule_tls_show, slot);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"vestibule", 9);
    return SSL_CTX_set_tlsext_ticket_keys(context, ticket_keys, ticket_size) == 1 &&
           SSL_CTX_set_cipher_list(
               context,
               "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
               "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
               "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305") == 1 &&
           SSL_CTX_set_ciphersuites(
               context,
               "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1;
}

static inline int vestibule_tls_accept_good(int good, X509_STORE_CTX *chain) { return good; }

static inline int vestibule_tls_accept_any(int good, X509_STORE_CTX *chain) {
    X509_STORE_CTX_set_error(chain, X509_V_OK);
    return 1;
}

static inline void vestibule_tls_verify_strictly(const SSL *ssl, int where, int result) {
    if (where & SSL_CB_HANDSHAKE_START) SSL_set_verify((SSL *)ssl, SSL_VERIFY_PEER, vestibule_tls_accept_good);
}

static inline void vestibule_tls_verify_nothing(const SSL *ssl, int where, int result) {
    if (where & SSL_CB_HANDSHAKE_START)
        SSL_set_verify((SSL *)ssl, SSL_VERIFY_PEER, vestibule_tls_accept_any);
}

/// Sets up a client's context: OpenSSL verifies chain and name itself.
///
/// libwebsockets sets a verify callback on each connection that finds its connection by an index
/// which each new context of the process replaces, so that a handshake meanwhile fails. There is
/// no place before the handshake but its first event to take that callback away.
static inline void vestibule_tls_prepare_client(SSL_CTX *context, int insecure) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_info_callback(
        context, insecure ? vestibule_tls_verify_nothing : vestibule_tls_verify_strictly);
}

/// From here on we read and write it ourselves: the socket is read ahead, a record of the largest
/// size (some 17 kB) at once or as many small ones, and what was not written may be offered again
/// from another place, or in part.
static inline void vestibule_tls_take_over(SSL *ssl) {
    SSL_set_read_ahead(ssl, 1);
    SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

/// Reads what was sent so far, as much as there is room for; `*end` is set where nothing comes
/// after it. It asks the socket again only for the rest of a record that has begun.
static inline long vestibule_tls_read(SSL *ssl, void *bytes, size_t count, int *end) {
    size_t total = 0, more;
    ERR_clear_error();
    do {
        if (SSL_read_ex(ssl, (char *)bytes + total, count - total, &more) != 1) {
            int reason = SSL_get_error(ssl, 0);
            *end = reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE;
            break;
        }
        total += more;
    } while (total < count && SSL_has_pending(ssl));
    ERR_clear_error();
    return (long)total;
}

/// Writes what the socket takes; -1 when the connection is broken.
static inline long vestibule_tls_write(SSL *ssl, const void *bytes, size_t count) {
    size_t total = 0, more;
    ERR_clear_error();
    while (total < count) {
        if (SSL_write_ex(ssl, (const char *)bytes + total, count - total, &more) != 1) {
            int reason = SSL_get_error(ssl, 0);
            ERR_clear_error();
            if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) return -1;
            break;
        }
        total += more;
    }
    return (long)total;
}

/// The length of OpenSSL's ticket keys.
static inline int vestibule_tls_ticket_key_size(void) { return 80; }

#endif
