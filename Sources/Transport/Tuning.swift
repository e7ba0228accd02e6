// SPDX-License-Identifier: Apache-2.0

/// What libwebsockets is set to, in one place, each with its cost.
enum Tuning {
    /// Bytes of libwebsockets' receive buffer of each client: a larger one takes a frame whole.
    static let receiveBuffer = 16 * 1024

    /// The same of a server's connections, which it does not read; 0 would be 64 KiB for each.
    static let noReceiveBuffer = 1

    /// Bytes that a loop reads from a connection at once.
    static let scratch = 64 * 1024

    /// Bytes of the beginning of a frame that are copied to where there is room for many frames.
    static let smallPartial = 4_096

    /// Bytes of libwebsockets' own scratch buffer, which bounds what it reads at once.
    static let serviceBuffer: UInt32 = 64 * 1024

    /// Bytes of one write.
    ///
    /// A larger write would be cut, and its rest copied.
    static let largestWrite = 4 * 1024 * 1024

    /// Bytes of the headers of one request; long bearer tokens need room.
    static let headers: UInt16 = 16 * 1024

    /// Bytes that a connection may collect in one turn before it says that it has no room.
    static let turnOutput = 32 * 1024

    /// Bytes of buffers that a loop keeps for reuse, and of the largest that is worth keeping.
    static let keptBytes = 4 * 1024 * 1024
    static let keptBufferSize = 256 * 1024

    /// Bytes of one write of an HTTP response, which has a time of its own to leave.
    static let slice = 64 * 1024

    /// Bytes that the kernel holds of a response and has not sent; with less, libwebsockets asks for
    /// room that there is none of, again and again.
    static let requestLowWater: Int32 = 16 * 1024

    /// How soon a socket that takes nothing more of a response is looked at again.
    static let writableCheck = Duration.milliseconds(10)

    /// Items of a query.
    static let queryItems = 64

    /// How long a listener looks away when the system has nothing left for another connection.
    static let listenerRest = Duration.milliseconds(100)

    /// How long one address of a host may take to answer while there are others to try.
    static let addressTime = Duration.seconds(4)

    /// Connections taken from the listener in one turn: a storm must not starve calls.
    static let acceptsPerTurn = 64

    /// How long a listener looks away at least when it is ahead of its pace: to look away and back
    /// costs four system calls, which some should share.
    static let acceptRest = Duration.milliseconds(5)

    /// Dropped connections that are freed in one turn: libwebsockets looks through all of its
    /// descriptors for each, and a storm of them must not starve calls.
    static let dropsPerTurn = 32

    /// How often the end of one body may be told before its connection is given up.
    static let completions = 64

    /// Seconds of libwebsockets' own timeouts.
    ///
    /// They only back ours up: a peer that has a limit of ours has none of its.
    static let engineTimeout: UInt32 = 60
}
