// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CVestibuleSupport.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include <sys/timex.h>
#include <fcntl.h>

_Thread_local const void *vestibule_executor = NULL;

void vestibule_name_thread(const char *name) {
    char cut[16];
    snprintf(cut, sizeof cut, "%s", name);
    pthread_setname_np(pthread_self(), cut);
}

int vestibule_poll_open(void) { return epoll_create1(EPOLL_CLOEXEC); }

int vestibule_poll_add(int poll, int descriptor, uint32_t interest, uint64_t tag) {
    struct epoll_event event = {.events = interest, .data = {.u64 = tag}};
    return epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
}

int vestibule_poll_change(int poll, int descriptor, uint32_t interest, uint64_t tag) {
    struct epoll_event event = {.events = interest, .data = {.u64 = tag}};
    return epoll_ctl(poll, EPOLL_CTL_MOD, descriptor, &event);
}

void vestibule_poll_remove(int poll, int descriptor) {
    epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, NULL);
}

int vestibule_poll_wait(int poll, struct epoll_event *events, int most, int milliseconds) {
    int count = epoll_wait(poll, events, most, milliseconds);
    return count < 0 ? 0 : count;
}

int vestibule_bell_open(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void vestibule_bell_ring(int bell) { eventfd_write(bell, 1); }

void vestibule_bell_hush(int bell) {
    eventfd_t rung;
    eventfd_read(bell, &rung);
}

long vestibule_send(int descriptor, const void *bytes, size_t count) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
}

long vestibule_receive(int descriptor, void *bytes, size_t count) {
    return recv(descriptor, bytes, count, MSG_DONTWAIT);
}

void vestibule_nap(int descriptor, long nanoseconds) {
    struct pollfd wanted = {.fd = descriptor, .events = POLLIN};
    struct timespec limit = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    ppoll(&wanted, 1, &limit, NULL);
}

long vestibule_milliseconds_since_data(int descriptor) {
    struct tcp_info info;
    socklen_t size = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return -1;
    return (long)info.tcpi_last_data_recv;
}

void vestibule_set_low_water(int descriptor, int bytes) {
    setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}

void vestibule_tune_socket(int descriptor, int low_water, int silence) {
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (low_water > 0) vestibule_set_low_water(descriptor, low_water);
    if (silence <= 0) return;
    // Two probes of an idle connection fit into the time; the last word is TCP_USER_TIMEOUT's.
    int interval = silence / 3000 > 0 ? silence / 3000 : 1, probes = 2;
    setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &interval, sizeof interval);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence, sizeof silence);
}

int vestibule_is_writable(int descriptor) {
    struct pollfd wanted = {.fd = descriptor, .events = POLLOUT};
    return poll(&wanted, 1, 0) > 0;
}

int vestibule_is_gone(int descriptor) {
    struct pollfd wanted = {.fd = descriptor, .events = POLLRDHUP};
    return poll(&wanted, 1, 0) > 0 && (wanted.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

int vestibule_address_parse(vestibule_address *address, const char *host, int port) {
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    char service[8];
    if (port < 0 || port > 65535) return 0;
    snprintf(service, sizeof service, "%d", port);
    if (getaddrinfo(host, service, &hints, &list) != 0 || !list) return 0;
    memset(address, 0, sizeof *address);
    memcpy(&address->storage, list->ai_addr, list->ai_addrlen);
    address->length = list->ai_addrlen;
    freeaddrinfo(list);
    return 1;
}

void vestibule_address_text(const vestibule_address *address, char *text, size_t size) {
    char host[NI_MAXHOST];
    if (getnameinfo((const struct sockaddr *)&address->storage, address->length, host, sizeof host,
                    NULL, 0, NI_NUMERICHOST) != 0)
        snprintf(host, sizeof host, "unknown");
    const char *start = strncmp(host, "::ffff:", 7) == 0 && strchr(host, '.') ? host + 7 : host;
    snprintf(text, size, "%s", start);
}

int vestibule_address_port(const vestibule_address *address) {
    // The port lies at the same place in both families.
    return ntohs(((const struct sockaddr_in *)&address->storage)->sin_port);
}

int vestibule_bound_socket(const vestibule_address *address, int shares_port) {
    int on = 1, off = 0;
    int descriptor =
        socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shares_port) setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (address->storage.ss_family == AF_INET6)
        setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(descriptor, (const struct sockaddr *)&address->storage, address->length) == 0)
        return descriptor;
    int failure = errno;
    close(descriptor);
    errno = failure;
    return -1;
}

int vestibule_local_port(int descriptor) {
    vestibule_address local = {.length = sizeof local.storage};
    if (getsockname(descriptor, (struct sockaddr *)&local.storage, &local.length) != 0) return -1;
    return vestibule_address_port(&local);
}

int vestibule_accept(int listener, vestibule_address *peer) {
    memset(peer, 0, sizeof *peer);
    peer->length = sizeof peer->storage;
    return accept4(listener, (struct sockaddr *)&peer->storage, &peer->length,
                   SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int vestibule_random(void *bytes, size_t count) {
    // A signal cuts what is longer than 256 bytes, and interrupts what has not begun.
    for (size_t filled = 0; filled < count;) {
        ssize_t more = getrandom((char *)bytes + filled, count - filled, 0);
        if (more > 0)
            filled += (size_t)more;
        else if (more == 0 || errno != EINTR)
            return 0;
    }
    return 1;
}

int vestibule_route_error(const vestibule_address *address) {
    int descriptor = socket(address->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return errno;
    int failure = 0;
    if (connect(descriptor, (const struct sockaddr *)&address->storage, address->length) != 0)
        failure = errno;
    close(descriptor);
    return failure;
}

void vestibule_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }

int vestibule_clock_is_synchronised(void) {
    struct timex status = {0};
    return adjtimex(&status) != TIME_ERROR;
}

static int signal_pipe[2] = {-1, -1};

static void note_signal(int number) {
    int before = errno;
    unsigned char byte = (unsigned char)number;
    // A full pipe holds enough of the same word already.
    if (write(signal_pipe[1], &byte, 1) < 0) { }
    errno = before;
}

int vestibule_signal_pipe(void) {
    if (pipe(signal_pipe) < 0) return -1;
    fcntl(signal_pipe[0], F_SETFD, FD_CLOEXEC);
    fcntl(signal_pipe[1], F_SETFD, FD_CLOEXEC);
    fcntl(signal_pipe[1], F_SETFL, O_NONBLOCK);
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    return signal_pipe[0];
}
