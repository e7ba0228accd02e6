// SPDX-License-Identifier: Apache-2.0

/// The handles that were given to a session, newest last: a frame with one of them may come late,
/// a frame with any other is a fault.
///
/// A value of the session, so it moves with it from socket to socket. Bounded: of more than
/// ``most`` the oldest are forgotten, which is longer ago than any frame is late.
package struct HandleList: Sendable, Equatable {
    /// A household of 500 people in 64 calls at once is beyond every building.
    package static let most = 64

    private var handles: [UInt32] = []

    package init() {}

    /// Remembers a handle that is being told to the client.
    package mutating func give(_ handle: UInt32) {
        guard !handles.contains(handle) else { return }
        if handles.count == Self.most { handles.removeFirst() }
        handles.append(handle)
    }

    /// Whether this handle was given.
    package func contains(_ handle: UInt32) -> Bool { handles.contains(handle) }
}
