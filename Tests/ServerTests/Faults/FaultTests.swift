// SPDX-License-Identifier: Apache-2.0

import Testing

/// What bad networks, stopped processes and hostile peers do to calls, each with its invariant: the
/// list is the page "Faults" of the server's documentation.
///
/// Real clients talk through fault proxies to a real server, in this process or the binary.
/// `FAULTS=long` draws more and waits longer, `SEED=N` draws the same again.
@Suite(
    .serialized,
    .timeLimit(.minutes((FaultRun.isLong ? 30 : 3) * TestTimes.factor)),
    .compactMapIssues { FaultRun.signed($0) }
)
enum FaultTests {}
