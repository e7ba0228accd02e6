// SPDX-License-Identifier: Apache-2.0

/// The version of Vestibule, in this one place (semantic versioning).
public let vestibuleVersion = "0.1.0"
