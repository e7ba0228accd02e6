// SPDX-License-Identifier: Apache-2.0

#ifndef CVESTIBULE_UV_H
#define CVESTIBULE_UV_H

#include <fcntl.h>
#include <unistd.h>
#include <uv.h>

/// The eventfd that wakes the loop; valid once an async handle exists (libuv 1.x, Linux).
static inline int vestibule_uv_wake_descriptor(const uv_loop_t *loop) {
    return loop->async_io_watcher.fd;
}

/// What a handle's close callback was before `vestibule_uv_spare`; a loop has one thread. Defined in
/// CVestibuleSupport.
extern _Thread_local void (*vestibule_spared_close)(void *handle);

static inline void vestibule_uv_close_sparing(uv_handle_t *handle) {
    int number = handle->u.fd;
    int owned = fcntl(number, F_DUPFD_CLOEXEC, 0);
    vestibule_spared_close(handle);
    if (owned < 0) return;
    dup2(owned, number);
    fcntl(number, F_SETFD, FD_CLOEXEC);
    close(owned);
}

/// Keeps the descriptor `number` open although the callback of `handle`, which is closing, closes
/// it.
static inline void vestibule_uv_spare(uv_handle_t *handle, int number) {
    vestibule_spared_close = (void (*)(void *))handle->close_cb;
    handle->u.fd = number;
    handle->close_cb = vestibule_uv_close_sparing;
}

/// Takes a free descriptor number; 1 if it was free and is ours now.
static inline int vestibule_uv_take_number(const uv_loop_t *loop, int number) {
    int taken = fcntl(loop->backend_fd, F_DUPFD_CLOEXEC, number);
    if (taken == number) return 1;
    if (taken >= 0) close(taken);
    return 0;
}

#endif
