// SPDX-License-Identifier: Apache-2.0

import Testing

/// The whole server in this process over real sockets, and the real binary.
///
/// One after the other: many of them shorten the server's times, and a machine of two cores that
/// runs thirty servers at once is late for all of them.
@Suite(.serialized, .timeLimit(.minutes(2)))
enum ServerTests {}
