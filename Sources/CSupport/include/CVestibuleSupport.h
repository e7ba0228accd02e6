// SPDX-License-Identifier: Apache-2.0

#ifndef CVESTIBULE_SUPPORT_H
#define CVESTIBULE_SUPPORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/// The executor that owns this thread, or NULL: answers "am I on the loop?" in one load.
extern _Thread_local const void *vestibule_executor;

static inline const void *vestibule_current_executor(void) { return vestibule_executor; }

static inline void vestibule_set_current_executor(const void *executor) {
    vestibule_executor = executor;
}

/// Names the calling thread; the kernel keeps 15 bytes.
void vestibule_name_thread(const char *name);

// epoll(7), whose flags and unions come to Swift in awkward shapes. Answers are as the kernel's.

int vestibule_poll_open(void);
int vestibule_poll_add(int poll, int descriptor, uint32_t interest, uint64_t tag);
int vestibule_poll_change(int poll, int descriptor, uint32_t interest, uint64_t tag);
void vestibule_poll_remove(int poll, int descriptor);

/// Waits for `milliseconds` (negative: for ever); how many events there are, 0 when interrupted.
int vestibule_poll_wait(int poll, struct epoll_event *events, int most, int milliseconds);

static inline uint64_t vestibule_poll_tag(const struct epoll_event *events, long index) {
    return events[index].data.u64;
}

/// EPOLLIN and EPOLLOUT; an error or a hang-up counts as EPOLLIN.
static inline uint32_t vestibule_poll_readiness(const struct epoll_event *events, long index) {
    uint32_t found = events[index].events;
    return (found & (EPOLLERR | EPOLLHUP) ? found | EPOLLIN : found) & (EPOLLIN | EPOLLOUT);
}

/// A descriptor that any thread may ring, and that can be read from then until it is hushed.
int vestibule_bell_open(void);
void vestibule_bell_ring(int bell);
void vestibule_bell_hush(int bell);

/// Sends without a signal and without waiting; -1 with errno.
long vestibule_send(int descriptor, const void *bytes, size_t count);

/// Receives without waiting; 0 at the peer's end, -1 with errno.
long vestibule_receive(int descriptor, void *bytes, size_t count);

/// Waits until `descriptor` can be read or `nanoseconds` have passed.
void vestibule_nap(int descriptor, long nanoseconds);

/// Milliseconds since the peer last sent any data, or -1 if the kernel does not say.
long vestibule_milliseconds_since_data(int descriptor);

/// Sets TCP_NOTSENT_LOWAT.
void vestibule_set_low_water(int descriptor, int bytes);

/// Sets TCP_NODELAY; TCP_NOTSENT_LOWAT if `low_water` is above zero; keep-alive and
/// TCP_USER_TIMEOUT, so that a peer which acknowledges nothing for so long is gone, if `silence`
/// (milliseconds) is.
void vestibule_tune_socket(int descriptor, int low_water, int silence);

/// Whether the kernel takes bytes for the peer now, or has an error to tell.
int vestibule_is_writable(int descriptor);

/// Whether the peer has closed its side, or the kernel has given it up; reads nothing.
int vestibule_is_gone(int descriptor);

/// A numeric IP address and port.
typedef struct {
    struct sockaddr_storage storage;
    socklen_t length;
} vestibule_address;

/// Reads a numeric address; 1 if it is one.
int vestibule_address_parse(vestibule_address *address, const char *host, int port);

/// Writes an address without its port; an IPv4 one that came over IPv6 as IPv4.
void vestibule_address_text(const vestibule_address *address, char *text, size_t size);

int vestibule_address_port(const vestibule_address *address);

/// Binds a new non-blocking stream socket; -1 with errno.
int vestibule_bound_socket(const vestibule_address *address, int shares_port);

/// The port that a socket is bound to.
int vestibule_local_port(int descriptor);

/// Takes a connection, non-blocking; -1 with errno.
int vestibule_accept(int listener, vestibule_address *peer);

/// Whether the kernel knows a way to an address, without sending anything: 0, or why not.
int vestibule_route_error(const vestibule_address *address);

/// Fills memory with random bytes of the system, however many; 1 if it did.
int vestibule_random(void *bytes, size_t count);

/// A peer that is gone must be an error of the write, not the end of the process: OpenSSL writes
/// without MSG_NOSIGNAL.
void vestibule_ignore_broken_pipes(void);

/// Whether the kernel says that civil time is synchronised.
int vestibule_clock_is_synchronised(void);

/// From now on SIGTERM, SIGINT and SIGHUP arrive as bytes (their numbers) at the descriptor that is
/// answered, whichever thread the kernel chose; -1 with errno. Once a process.
int vestibule_signal_pipe(void);

#endif
