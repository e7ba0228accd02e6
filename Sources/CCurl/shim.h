// SPDX-License-Identifier: Apache-2.0

#ifndef CVESTIBULE_CURL_H
#define CVESTIBULE_CURL_H

#include <curl/curl.h>

// curl's setters are variadic, which Swift does not import: here is one for each type of value.

static inline CURLcode vestibule_curl_start(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

static inline CURLcode vestibule_curl_set_number(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode vestibule_curl_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode vestibule_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode vestibule_curl_set_list(CURL *easy, CURLoption option,
                                               struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

/// Copies the body.
static inline CURLcode vestibule_curl_set_body(CURL *easy, const void *bytes, curl_off_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, count);
    return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes);
}

/// Copies the certificates, in PEM, that are trusted instead of the system's.
static inline CURLcode vestibule_curl_set_trust(CURL *easy, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    return curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
}

typedef size_t (*vestibule_curl_data)(char *bytes, size_t size, size_t count, void *owner);

/// Both get `owner`; a return of less than size * count ends the transfer.
static inline void vestibule_curl_set_receivers(CURL *easy, vestibule_curl_data header,
                                                vestibule_curl_data body, void *owner) {
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, owner);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, owner);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, owner);
}

static inline void vestibule_curl_set_opener(CURL *easy, curl_opensocket_callback opener,
                                             void *owner) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, opener);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, owner);
}

static inline void *vestibule_curl_owner(CURL *easy) {
    void *owner = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &owner);
    return owner;
}

static inline const struct sockaddr *vestibule_curl_address(const struct curl_sockaddr *address) {
    return &address->addr;
}

static inline void vestibule_curl_multi_set(CURLM *multi, curl_socket_callback socket,
                                            curl_multi_timer_callback timer, void *owner) {
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, owner);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, owner);
}

static inline void vestibule_curl_multi_set_number(CURLM *multi, CURLMoption option, long value) {
    curl_multi_setopt(multi, option, value);
}

#endif
