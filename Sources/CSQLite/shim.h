// SPDX-License-Identifier: Apache-2.0

#ifndef CVESTIBULE_SQLITE_H
#define CVESTIBULE_SQLITE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// SQLITE_TRANSIENT is a cast that Swift does not import. Bytes are copied by SQLite. An empty
// value may come with a null pointer, which SQLite would take for NULL.

static inline int vestibule_bind_text(
    sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_text(
        statement, index, count > 0 ? (const char *)bytes : "", count, SQLITE_TRANSIENT);
}

static inline int vestibule_bind_blob(
    sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_blob(
        statement, index, count > 0 ? bytes : "", count, SQLITE_TRANSIENT);
}

/// Binds 128 bits as a blob whose order as bytes is the order of the number.
static inline int vestibule_bind_id(
    sqlite3_stmt *statement, int index, uint64_t high, uint64_t low) {
    unsigned char bytes[16];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(high >> (56 - 8 * i));
        bytes[8 + i] = (unsigned char)(low >> (56 - 8 * i));
    }
    return sqlite3_bind_blob(statement, index, bytes, 16, SQLITE_TRANSIENT);
}

/// Reads what `vestibule_bind_id` wrote; false where the column holds anything else.
static inline bool vestibule_column_id(
    sqlite3_stmt *statement, int column, uint64_t *high, uint64_t *low) {
    if (sqlite3_column_type(statement, column) != SQLITE_BLOB) { return false; }
    const unsigned char *bytes = (const unsigned char *)sqlite3_column_blob(statement, column);
    if (bytes == NULL || sqlite3_column_bytes(statement, column) != 16) { return false; }
    *high = 0;
    *low = 0;
    for (int i = 0; i < 8; i++) {
        *high = *high << 8 | bytes[i];
        *low = *low << 8 | bytes[8 + i];
    }
    return true;
}

#endif
