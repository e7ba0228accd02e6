// SPDX-License-Identifier: Apache-2.0

#ifndef CVESTIBULE_OPENSSL_H
#define CVESTIBULE_OPENSSL_H

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "link.h"
#include "tls.h"

#endif
