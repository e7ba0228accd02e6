// SPDX-License-Identifier: Apache-2.0

import CVestibuleWebSockets

/// The callback of WebSockets, of servers and clients: `user` is the connection, retained from
/// the handshake (a client's from its start) to CLOSED.
///
/// Answers 0, or −1 to let libwebsockets close this connection; never for the fault of another.
func webSocketCallback(
    _ wsi: OpaquePointer?,
    _ reason: lws_callback_reasons,
    _ user: UnsafeMutableRawPointer?,
    _ bytes: UnsafeMutableRawPointer?,
    _ count: Int
) -> Int32 {
    guard let wsi else { return 0 }
    switch reason {
    case LWS_CALLBACK_CLIENT_RECEIVE:
        connection(user)?.receive(wsi, bytes, count)
    case LWS_CALLBACK_SERVER_WRITEABLE, LWS_CALLBACK_CLIENT_WRITEABLE:
        connection(user)?.becameWritable()
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
        if let connection = connection(user) { connection.received = connection.engine.moment }
    case LWS_CALLBACK_ESTABLISHED:
        return established(wsi)
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        connection(user)?.established(wsi)
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        connection(user)?.peerCloses(UnsafeRawBufferPointer(start: bytes, count: count))
        return -1
    case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL, LWS_CALLBACK_WS_CLIENT_DROP_PROTOCOL:
        connection(user)?.engineCloses()
    case LWS_CALLBACK_CLOSED, LWS_CALLBACK_CLIENT_CLOSED:
        release(user)?.gone()
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        connectionFailed(user, bytes, count)
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return appendHeaders(user, bytes, count)
    default: break
    }
    return 0
}

/// The callback of a server's plain HTTP, which is also the vhost's first protocol and hears what
/// concerns the vhost.
func httpCallback(
    _ wsi: OpaquePointer?,
    _ reason: lws_callback_reasons,
    _ user: UnsafeMutableRawPointer?,
    _ bytes: UnsafeMutableRawPointer?,
    _ count: Int
) -> Int32 {
    guard let wsi, let owner = Engine.of(wsi)?.owner else { return 0 }
    if reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS
        || reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS
    {
        guard let user else { return 1 }
        return owner.prepareTLS(OpaquePointer(user)) ? 0 : 1
    }
    return owner.http(wsi, reason, bytes, count)
}

@inline(__always)
private func connection(_ user: UnsafeMutableRawPointer?) -> WebSocketConnection? {
    guard let user else { return nil }
    return Unmanaged<WebSocketConnection>.fromOpaque(user).takeUnretainedValue()
}

private func release(_ user: UnsafeMutableRawPointer?) -> WebSocketConnection? {
    guard let user else { return nil }
    return Unmanaged<WebSocketConnection>.fromOpaque(user).takeRetainedValue()
}

private func established(_ wsi: OpaquePointer) -> Int32 {
    guard let connection = Engine.of(wsi)?.owner?.upgraded(wsi) else { return -1 }
    lws_set_wsi_user(wsi, Unmanaged.passRetained(connection).toOpaque())
    connection.established(wsi)
    return 0
}

private func connectionFailed(
    _ user: UnsafeMutableRawPointer?,
    _ bytes: UnsafeMutableRawPointer?,
    _ count: Int
) {
    guard let connection = release(user) else { return }
    let reason = String(
        decoding: UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count)
            .prefix { $0 != 0 },
        as: UTF8.self
    )
    connection.engine.owner?.failed(connection, reason.isEmpty ? "no connection" : reason)
}

/// libwebsockets lends the rest of its request buffer: a pointer to where it stands, and the room.
private func appendHeaders(
    _ user: UnsafeMutableRawPointer?,
    _ place: UnsafeMutableRawPointer?,
    _ room: Int
) -> Int32 {
    guard let connection = connection(user), let place, !connection.requestHeaders.isEmpty
    else { return 0 }
    let headers = connection.requestHeaders
    guard headers.count < room else { return -1 }
    let cursor = place.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>.self)
    for byte in headers {
        cursor.pointee.pointee = byte
        cursor.pointee += 1
    }
    return 0
}
