// SPDX-License-Identifier: Apache-2.0

/// Why a server or a client cannot start; the text is for the person who starts it.
package enum TransportError: Error, Equatable, CustomStringConvertible {
    /// Somebody else listens there already.
    case portTaken(host: String, port: Int)

    /// The address cannot be listened on, for another reason.
    case cannotListen(host: String, port: Int, reason: String)

    /// The certificate or its key cannot be used.
    case badCertificate(path: String, reason: String)

    /// libwebsockets lacks its plug-in for libuv.
    case eventLibraryMissing

    /// libwebsockets refused, for a reason that it wrote to its log.
    case engine(String)

    /// It was stopped.
    case stopped

    package var description: String {
        switch self {
        case .portTaken(let host, let port):
            "\(host):\(port) is taken: another program listens there"
        case .cannotListen(let host, let port, let reason):
            "cannot listen on \(host):\(port): \(reason)"
        case .badCertificate(let path, let reason):
            "the certificate \(path) cannot be used: \(reason)"
        case .eventLibraryMissing:
            "libwebsockets has no libuv event loop: install libwebsockets-evlib-uv"
        case .engine(let reason): "libwebsockets: \(reason)"
        case .stopped: "stopped"
        }
    }
}
