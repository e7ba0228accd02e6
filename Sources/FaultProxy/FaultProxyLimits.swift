// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// Bounds of a ``FaultProxy``.
package struct FaultProxyLimits: Hashable, Sendable {
    /// Bytes held for each direction of each connection.
    ///
    /// Only a delay and a slow receiver fill it. Fewer slow a long fast line down (a delay of
    /// 100 ms at 10 MB/s holds 1 MB); more hide a slow receiver from its sender.
    package var hold = 262_144

    /// Connections at a time, those that are half open too; more are reset.
    package var connections = 1_024

    /// Orders that wait for their time.
    package var scheduled = 10_000

    /// `SO_RCVBUF` of each socket, bytes; nil leaves it to the kernel.
    ///
    /// The kernel holds 100 KB and more of what the proxy does not read yet, and the sender
    /// believes it delivered: a few KB here let a slow line be felt at once.
    package var receiveBuffer: Int?

    /// How long a reset waits for the bytes before it to be acknowledged.
    package var settle: Duration = .seconds(1)

    /// The defaults.
    package init() {}
}

/// Why a ``FaultProxy`` cannot be had.
package enum FaultProxyError: Error, Hashable, Sendable, CustomStringConvertible {
    case cannotListen(HostPort, String)

    /// The other end has no address.
    case unknownHost(String, String)

    case unavailable(String)

    package var description: String {
        switch self {
        case .cannotListen(let place, let reason): "cannot listen on \(place): \(reason)"
        case .unknownHost(let host, let reason): "\(host) has no address: \(reason)"
        case .unavailable(let reason): reason
        }
    }
}
