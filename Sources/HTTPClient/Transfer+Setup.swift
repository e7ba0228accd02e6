// SPDX-License-Identifier: Apache-2.0

import CVestibuleCurl
import HTTPTypes
import VestibuleBasics

extension Transfer {
    /// Makes libcurl's handle, ready to be added; false if there is no memory for it.
    func prepare(trust: String?) -> Bool {
        guard let easy = curl_easy_init() else { return false }
        self.easy = easy
        let owner = Unmanaged.passUnretained(self).toOpaque()
        vestibule_curl_set_text(easy, CURLOPT_URL, target.url)
        vestibule_curl_set_text(easy, CURLOPT_PROTOCOLS_STR, target.isSecure ? "https" : "http")
        vestibule_curl_set_number(easy, CURLOPT_FOLLOWLOCATION, 0)
        // Even the environment's proxy: the check at connect time would see only the proxy.
        vestibule_curl_set_text(easy, CURLOPT_PROXY, "")
        vestibule_curl_set_text(easy, CURLOPT_NOPROXY, "*")
        vestibule_curl_set_number(easy, CURLOPT_NOSIGNAL, 1)
        vestibule_curl_set_number(easy, CURLOPT_TCP_NODELAY, 1)
        // The loop's timer ends the call; libcurl's own bounds are for what it does on its own.
        let milliseconds = Int(clamping: max(1, call.deadline.milliseconds))
        vestibule_curl_set_number(easy, CURLOPT_TIMEOUT_MS, milliseconds)
        vestibule_curl_set_number(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds)
        vestibule_curl_set_number(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        vestibule_curl_set_text(easy, CURLOPT_USERAGENT, "Vestibule/" + vestibuleVersion)
        setTLS(easy, trust)
        setRequest(easy)
        setAddresses(easy)
        vestibule_curl_set_receivers(easy, receiveHeader, receiveBody, owner)
        vestibule_curl_set_opener(easy, openSocket, owner)
        return true
    }

    private func setTLS(_ easy: UnsafeMutableRawPointer, _ trust: String?) {
        vestibule_curl_set_number(easy, CURLOPT_SSL_VERIFYPEER, 1)
        vestibule_curl_set_number(easy, CURLOPT_SSL_VERIFYHOST, 2)
        vestibule_curl_set_number(
            easy,
            CURLOPT_SSLVERSION,
            Int(CURL_SSLVERSION_TLSv1_2)
        )
        guard var trust else { return }
        trust.withUTF8 { _ = vestibule_curl_set_trust(easy, $0.baseAddress, $0.count) }
    }

    private func setRequest(_ easy: UnsafeMutableRawPointer) {
        let hasBody = !call.body.isEmpty || call.method == .post || call.method == .put
        if hasBody {
            vestibule_curl_set_body(easy, call.body, curl_off_t(call.body.count))
        } else if call.method == .head {
            vestibule_curl_set_number(easy, CURLOPT_NOBODY, 1)
        }
        if call.method != .head {
            vestibule_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, call.method.rawValue)
        }
        // libcurl would ask larger bodies to wait for a "100 Continue", and calls bodies a form.
        var lines = ["Expect:"]
        if call.fields[.contentType] == nil { lines.append("Content-Type:") }
        for field in call.fields {
            lines.append(
                field.value.isEmpty
                    ? "\(field.name.rawName);" : "\(field.name.rawName): \(field.value)"
            )
        }
        setList(easy, CURLOPT_HTTPHEADER, lines)
    }

    /// Tells libcurl the addresses, so that it asks no name server itself.
    private func setAddresses(_ easy: UnsafeMutableRawPointer) {
        guard target.literal == nil else { return }
        let texts = addresses.map { address in
            if case .v6 = address { "[\(address)]" } else { "\(address)" }
        }
        setList(
            easy,
            CURLOPT_RESOLVE,
            ["+\(target.hostPort.host):\(target.hostPort.port):" + texts.joined(separator: ",")]
        )
    }

    private func setList(
        _ easy: UnsafeMutableRawPointer,
        _ option: CURLoption,
        _ lines: [String]
    ) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines { list = curl_slist_append(list, line) ?? list }
        guard let list else { return }
        lists.append(list)
        vestibule_curl_set_list(easy, option, list)
    }

    /// Frees what libcurl holds; the handle must not be in a `multi` any more.
    func release() {
        if let easy { curl_easy_cleanup(easy) }
        easy = nil
        for list in lists { curl_slist_free_all(list) }
        lists = []
    }
}

/// The transfer that `owner` names: the engine holds it for as long as libcurl knows it.
private func transfer(_ owner: UnsafeMutableRawPointer?) -> Transfer {
    Unmanaged<Transfer>.fromOpaque(owner.unsafelyUnwrapped).takeUnretainedValue()
}

/// libcurl's header callback.
private func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ owner: UnsafeMutableRawPointer?
) -> Int {
    let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return transfer(owner).takeHeader(piece) ? piece.count : 0
}

/// libcurl's body callback.
private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ owner: UnsafeMutableRawPointer?
) -> Int {
    let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return transfer(owner).takeBody(piece) ? piece.count : 0
}

/// libcurl's question for a socket.
private func openSocket(
    _ owner: UnsafeMutableRawPointer?,
    _ purpose: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> Int32 {
    address.map { transfer(owner).open($0) } ?? -1
}
