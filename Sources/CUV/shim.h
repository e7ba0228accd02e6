// SPDX-License-Identifier: Apache-2.0

#ifndef CVESTIBULE_UV_H
#define CVESTIBULE_UV_H

#include <uv.h>

/// The eventfd that wakes the loop; valid once an async handle exists (libuv 1.x, Linux).
static inline int vestibule_uv_wake_descriptor(const uv_loop_t *loop) {
    return loop->async_io_watcher.fd;
}

#endif
