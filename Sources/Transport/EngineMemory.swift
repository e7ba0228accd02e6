// SPDX-License-Identifier: Apache-2.0

import CVestibuleWebSockets
import Glibc

/// A callback, as libwebsockets calls it: connection, reason, user, bytes, their number.
typealias EngineCallback =
    @convention(c) (
        OpaquePointer?, lws_callback_reasons, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?,
        Int
    ) -> Int32

/// A protocol of a vhost: its name and who hears its callbacks.
struct EngineProtocol {
    let name: String
    let callback: EngineCallback
    var receiveBuffer = 0
}

/// Whom a client trusts.
package enum WebSocketTrust: Sendable, Equatable {
    /// The system's authorities.
    case system

    /// The authorities of a PEM file, and nobody else.
    case file(String)

    /// Anybody: for tests and benches.
    case insecure
}

/// What a context points to for as long as it lives: C strings, the table of protocols, policies.
final class EngineMemory {
    private var strings: [UnsafeMutablePointer<CChar>] = []
    private var protocols: UnsafeMutablePointer<lws_protocols>?
    private let retry = UnsafeMutablePointer<lws_retry_bo_t>.allocate(capacity: 1)

    init() {
        // No dead-peer check by libwebsockets, whose timers are one per connection.
        retry.initialize(to: lws_retry_bo_t())
    }

    deinit {
        for string in strings { free(string) }
        protocols?.deallocate()
        retry.deallocate()
    }

    func creationInfo(
        _ setup: Engine.Setup,
        loopSlot: UnsafeMutablePointer<UnsafeMutableRawPointer?>,
        slot: UnsafeMutablePointer<OpaquePointer?>
    ) -> lws_context_creation_info {
        var info = lws_context_creation_info()
        info.port = setup.trust == nil ? CONTEXT_PORT_NO_LISTEN_SERVER : CONTEXT_PORT_NO_LISTEN
        info.options = vestibule_lws_options()
        vestibule_lws_lend_loop(&info, loopSlot)
        info.pcontext = slot
        info.protocols = UnsafePointer(table(setup.protocols))
        info.pt_serv_buf_size = Tuning.serviceBuffer
        info.max_http_header_data2 = UInt32(Tuning.headers)
        info.timeout_secs = Tuning.engineTimeout
        info.keepalive_timeout = Int32(Tuning.engineTimeout)
        info.retry_and_idle_policy = UnsafePointer(retry)
        info.gid = -1
        info.uid = -1
        // HTTP/1.1 alone: with h2 a browser may tunnel media through the page's connection.
        info.alpn = string("http/1.1")
        // An outer proxy in the environment is not for our connections.
        info.http_proxy_address = string("0.0.0.0:0")
        if setup.serverTLS { info.options |= vestibule_lws_tls_option() }
        if case .file(let path) = setup.trust {
            info.options |= vestibule_lws_no_system_trust_option()
            info.client_ssl_ca_filepath = string(path)
        }
        return info
    }

    private func string(_ text: String) -> UnsafePointer<CChar>? {
        guard let copy = strdup(text) else { return nil }
        strings.append(copy)
        return UnsafePointer(copy)
    }

    private func table(_ list: [EngineProtocol]) -> UnsafeMutablePointer<lws_protocols> {
        let table = UnsafeMutablePointer<lws_protocols>.allocate(capacity: list.count + 1)
        table.initialize(repeating: lws_protocols(), count: list.count + 1)
        for (index, item) in list.enumerated() {
            table[index].name = string(item.name)
            table[index].callback = item.callback
            table[index].rx_buffer_size = item.receiveBuffer
            table[index].tx_packet_size = Tuning.largestWrite
        }
        protocols = table
        return table
    }
}
