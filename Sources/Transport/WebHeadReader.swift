// SPDX-License-Identifier: Apache-2.0

import CVestibuleWebSockets
import HTTPTypes

/// What a request's head came to.
enum HeadReading {
    case request(WebRequest)
    case refused(HTTPResponse.Status)
}

/// Reads a request's head out of libwebsockets' header table.
///
/// libwebsockets keeps no list of headers, so they are asked for by name. It knows some by number
/// (tokens); the others it finds by their text.
struct WebHeadReader {
    /// The header fields that a request carries to its handler, if the peer sent them.
    static let readFields: [HTTPField.Name] =
        [
            .accept, .acceptLanguage, .authorization, .contentType, .contentLength, .cookie,
            .ifMatch, .ifNoneMatch, .ifModifiedSince, .origin, .range, .referer, .userAgent,
            .expect,
        ]
        + [
            "host", "idempotency-key", "traceparent", "tracestate", "forwarded", "x-forwarded-for",
            "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "x-request-id", "last-event-id",
            "sec-fetch-site", "sec-fetch-mode", "webhook-id", "webhook-timestamp",
            "webhook-signature",
        ].compactMap { HTTPField.Name($0) }

    private static let methods: [(lws_token_indexes, HTTPRequest.Method)] = [
        (WSI_TOKEN_GET_URI, .get), (WSI_TOKEN_POST_URI, .post), (WSI_TOKEN_HEAD_URI, .head),
        (WSI_TOKEN_PUT_URI, .put), (WSI_TOKEN_PATCH_URI, .patch),
        (WSI_TOKEN_DELETE_URI, .delete), (WSI_TOKEN_OPTIONS_URI, .options),
    ]

    /// The numbers of the headers that libwebsockets knows.
    private static let tokens: [String: lws_token_indexes] = {
        var tokens: [String: lws_token_indexes] = [:]
        for number in 0..<WSI_TOKEN_COUNT.rawValue {
            let token = lws_token_indexes(rawValue: number)
            guard let text = lws_token_to_string(token) else { continue }
            let name = String(cString: UnsafeRawPointer(text).assumingMemoryBound(to: CChar.self))
            if name.hasSuffix(":") { tokens[String(name.dropLast())] = token }
        }
        return tokens
    }()

    let wsi: OpaquePointer

    /// The method and where its path is; nil for a method that nobody serves.
    var method: (method: HTTPRequest.Method, token: lws_token_indexes)? {
        for (token, method) in Self.methods where lws_hdr_total_length(wsi, token) > 0 {
            return (method, token)
        }
        return nil
    }

    /// The decoded path of the request line.
    var path: String? { method.flatMap { value(of: $0.token) } }

    /// A header's value by its lower-case name; several of one name are joined by commas.
    func value(named name: String) -> String? {
        if let token = Self.tokens[name] { return value(of: token) }
        let key = name + ":"
        let length = lws_hdr_custom_length(wsi, key, Int32(key.utf8.count))
        guard length >= 0 else { return nil }
        return copy(Int(length)) {
            lws_hdr_custom_copy(wsi, $0, Int32($1), key, Int32(key.utf8.count))
        }
    }

    func value(of token: lws_token_indexes) -> String? {
        let length = lws_hdr_total_length(wsi, token)
        guard length > 0 else { return nil }
        return copy(Int(length)) { lws_hdr_copy(wsi, $0, Int32($1), token) }
    }

    /// Whether the request is of HTTP/1.0, or of no version.
    var isOld: Bool { value(of: WSI_TOKEN_HTTP)?.hasPrefix("HTTP/1.1") != true }

    /// Whether the peer wants the connection to end after the response, or cannot do otherwise.
    var closes: Bool {
        isOld
            || value(named: "connection")?.lowercased().split(separator: ",").contains {
                $0.drop { $0 == " " }.prefix { $0 != " " } == "close"
            } == true
    }

    /// The request without its body, or the status that refuses it.
    func read(remoteAddress: String) -> HeadReading {
        guard let (method, token) = method, let path = value(of: token) else {
            return .refused(.notImplemented)
        }
        var fields = HTTPFields()
        for name in Self.readFields {
            if let value = value(named: name.canonicalName), HTTPField.isValidValue(value) {
                fields[name] = value
            }
        }
        guard let query = readQuery() else { return .refused(.badRequest) }
        let head = HTTPRequest(
            method: method,
            scheme: nil,
            authority: value(named: "host"),
            path: Self.encode(path: path, query: query),
            headerFields: fields
        )
        return .request(
            WebRequest(
                head: head,
                path: path,
                query: query,
                body: [],
                remoteAddress: remoteAddress
            )
        )
    }

    /// The query's items: libwebsockets keeps each as a fragment of its own, decoded; nil if there
    /// are too many.
    private func readQuery() -> [(name: String, value: String)]? {
        var items: [(name: String, value: String)] = []
        while true {
            let index = Int32(items.count)
            let length = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, index)
            guard length > 0 else { return items }
            guard items.count < Tuning.queryItems else { return nil }
            let item = copy(Int(length)) {
                lws_hdr_copy_fragment(wsi, $0, Int32($1), WSI_TOKEN_HTTP_URI_ARGS, index)
            }
            guard let item else { return items }
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            items.append((String(parts[0]), parts.count > 1 ? String(parts[1]) : ""))
        }
    }

    private func copy(
        _ length: Int,
        _ read: (UnsafeMutablePointer<CChar>, Int) -> Int32
    ) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 2) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = Int(read(start, length + 2))
            guard count >= 0, count <= length else { return nil }
            return String(
                decoding: UnsafeRawBufferPointer(start: start, count: count),
                as: UTF8.self
            )
        }
    }

    /// Encodes a decoded path and query anew (RFC 3986 §2.3).
    private static func encode(
        path: String,
        query: [(name: String, value: String)]
    ) -> String {
        var text = escaped(path, keeping: "/:@!$&'()*+,;=")
        for (index, item) in query.enumerated() {
            text += index == 0 ? "?" : "&"
            text += escaped(item.name, keeping: "/:@!$'()*,") + "="
            text += escaped(item.value, keeping: "/:@!$'()*,")
        }
        return text
    }

    private static func escaped(_ text: String, keeping extra: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            let character = Unicode.Scalar(byte)
            let isPlain =
                byte < 128
                && (character.properties.isAlphabetic || (48...57).contains(byte)
                    || "-._~".utf8.contains(byte) || extra.utf8.contains(byte))
            if isPlain {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
