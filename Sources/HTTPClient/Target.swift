// SPDX-License-Identifier: Apache-2.0

import CVestibuleCurl

/// Where a URL leads, as libcurl itself reads it: two readers of one URL are a known hole.
struct Target: Sendable, Equatable {
    /// The URL in libcurl's own spelling.
    let url: String

    let isSecure: Bool

    /// The host without brackets, in lower case, and the port, named or not.
    let hostPort: AddressPolicy.HostPort

    /// The address, if the host is one.
    var literal: IPAddress? { IPAddress(hostPort.host) }

    /// Whether some resolver may take the host for a number (`127.1`, `0x7f000001`): names do not
    /// end in a label that begins with a digit and has no letter but those of hexadecimal.
    var looksNumeric: Bool {
        let last = hostPort.host.split(separator: ".").last ?? ""
        return last.first?.isNumber == true
            && last.dropFirst().allSatisfy { $0.isHexDigit || $0 == "x" }
    }

    /// Reads an absolute http or https URL without user and password.
    init(_ text: String) throws(HTTPClientError) {
        guard text.utf8.count <= 8192, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let parser = curl_url()
        else { throw .badURL }
        defer { curl_url_cleanup(parser) }
        guard curl_url_set(parser, CURLUPART_URL, text, 0) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: parser),
            scheme == "https" || scheme == "http",
            // libcurl forgives one slash and three.
            text.dropFirst(scheme.count).hasPrefix("://"),
            text.dropFirst(scheme.count + 3).first != "/",
            Self.part(CURLUPART_USER, of: parser) == nil,
            Self.part(CURLUPART_PASSWORD, of: parser) == nil,
            Self.part(CURLUPART_ZONEID, of: parser) == nil,
            var host = Self.part(CURLUPART_HOST, of: parser), !host.isEmpty, !host.hasSuffix("."),
            let port = Self.part(CURLUPART_PORT, of: parser, UInt32(CURLU_DEFAULT_PORT)),
            let port = UInt16(port), port > 0,
            let url = Self.part(CURLUPART_URL, of: parser)
        else { throw .badURL }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.url = url
        isSecure = scheme == "https"
        hostPort = AddressPolicy.HostPort(host: host, port: port)
    }

    private static func part(
        _ part: CURLUPart,
        of parser: OpaquePointer,
        _ flags: UInt32 = 0
    ) -> String? {
        var found: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parser, part, &found, flags) == CURLUE_OK, let found else { return nil }
        defer { curl_free(found) }
        return String(cString: found)
    }
}
