// SPDX-License-Identifier: Apache-2.0

#ifndef CVESTIBULE_EPOLL_SHIM_H
#define CVESTIBULE_EPOLL_SHIM_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

// Enumerations and unions come to Swift in awkward shapes; these are plain numbers.

static inline unsigned int vestibule_epoll_events(const struct epoll_event *events, long index) {
    return events[index].events;
}

static const unsigned int vestibule_epoll_in = EPOLLIN;
static const unsigned int vestibule_epoll_out = EPOLLOUT;
static const unsigned int vestibule_epoll_gone = EPOLLERR | EPOLLHUP;

static inline int vestibule_timer_create(void) {
    return timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
}

static inline int vestibule_timer_set(int timer, long long nanoseconds) {
    struct itimerspec setting = {0};
    setting.it_value.tv_sec = nanoseconds / 1000000000LL;
    setting.it_value.tv_nsec = nanoseconds % 1000000000LL;
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &setting, NULL);
}

/// A non-blocking TCP socket with TCP_NODELAY; `receive` > 0 bounds its receive buffer.
static inline int vestibule_socket(int family, int receive) {
    int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    int one = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (receive > 0) setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
    return descriptor;
}

/// Why a connect failed, or 0.
static inline int vestibule_socket_error(int descriptor) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) < 0 ? -1 : error;
}

/// Listens on a free port of 127.0.0.1, without blocking; `port` gets it. Less than 0: it failed.
static inline int vestibule_listen(unsigned short *port) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    struct sockaddr_in place = {.sin_family = AF_INET};
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof place;
    if (bind(descriptor, (struct sockaddr *)&place, size) < 0 || listen(descriptor, 4096) < 0 ||
        getsockname(descriptor, (struct sockaddr *)&place, &size) < 0) {
        close(descriptor);
        return -1;
    }
    *port = ntohs(place.sin_port);
    return descriptor;
}

/// The next connection, as vestibule_socket makes one; less than 0: there is none now.
static inline int vestibule_accept(int listener) {
    int descriptor = accept(listener, NULL, NULL);
    if (descriptor < 0) return -1;
    int one = 1;
    ioctl(descriptor, FIONBIO, &one);
    ioctl(descriptor, FIOCLEX);
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return descriptor;
}

/// As a road of Ethernet has it: loopback's segments of 64 kB do not fit a small receive buffer.
/// Before the connect.
static inline void vestibule_small_segments(int descriptor) {
    int size = 1400;
    setsockopt(descriptor, IPPROTO_TCP, TCP_MAXSEG, &size, sizeof size);
}

/// Closes without a word: the other side sees a reset.
static inline void vestibule_reset(int descriptor) {
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(descriptor);
}

/// The calling thread's number.
static inline int vestibule_thread(void) { return (int)syscall(SYS_gettid); }

/// The calling thread gives way to the others of this core.
static inline void vestibule_give_way(int much) {
    setpriority(PRIO_PROCESS, (id_t)vestibule_thread(), much);
}

// sched_getaffinity(2) and its sibling, which glibc shows to _GNU_SOURCE only. The calling thread;
// a bit a core.

/// The bytes that the kernel filled, or -1.
static inline long vestibule_cores(unsigned char *bits, unsigned long size) {
    return syscall(SYS_sched_getaffinity, 0, size, bits);
}

static inline long vestibule_restrict_cores(const unsigned char *bits, unsigned long size) {
    return syscall(SYS_sched_setaffinity, 0, size, bits);
}

#endif
