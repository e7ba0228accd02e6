// SPDX-License-Identifier: Apache-2.0

#ifndef CVESTIBULE_WEBSOCKETS_H
#define CVESTIBULE_WEBSOCKETS_H

#include <libwebsockets.h>

/// Options of every context of ours: our libuv loop, vhosts made one by one so that a failure of
/// one is seen, text checked to be UTF-8.
static inline uint64_t vestibule_lws_options(void) {
    return LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
           LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME |
           LWS_SERVER_OPTION_VALIDATE_UTF8;
}

/// A vhost whose SSL_CTX we fill ourselves.
static inline uint64_t vestibule_lws_tls_option(void) {
    return LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX;
}

/// A client that trusts only the authorities it was given.
static inline uint64_t vestibule_lws_no_system_trust_option(void) {
    return LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
}

/// Writes bytes as they are, on a connection of any role (LWS_WRITE_RAW is a macro).
static inline int vestibule_lws_write_raw(struct lws *wsi, const void *bytes, size_t count) {
    return lws_write(wsi, (unsigned char *)bytes, count, LWS_WRITE_RAW);
}

/// Ends a connection at once, whatever it still holds, and calls back CLOSED.
///
/// Exported for the event-library plug-ins. LWS_TO_KILL_SYNC would wait for what is buffered, which
/// never drains to a peer that reads nothing. Not to be called from a callback of the same wsi.
static inline void vestibule_lws_kill(struct lws *wsi) {
    lws_close_free_wsi(wsi, LWS_CLOSE_STATUS_NOSTATUS_CONTEXT_DESTROY, "drop");
}

/// What lws_create_context wants as `foreign_loops`, for its one thread.
static inline void vestibule_lws_lend_loop(
    struct lws_context_creation_info *info, void **loop_slot) {
    info->foreign_loops = loop_slot;
}

static inline int vestibule_lws_client_flags(int insecure) {
    int flags = LCCSCF_USE_SSL;
    if (insecure)
        flags |= LCCSCF_ALLOW_SELFSIGNED | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK |
                 LCCSCF_ALLOW_EXPIRED | LCCSCF_ALLOW_INSECURE;
    return flags;
}

static inline void vestibule_lws_log_to(void (*emit)(int level, const char *line)) {
    lws_set_log_level(LLL_ERR | LLL_WARN, emit);
}

static inline int vestibule_lws_is_error(int level) { return (level & LLL_ERR) != 0; }

#endif
