// SPDX-License-Identifier: Apache-2.0

#ifndef CVESTIBULE_UV_H
#define CVESTIBULE_UV_H

#include <uv.h>

#endif
