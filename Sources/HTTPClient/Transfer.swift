// SPDX-License-Identifier: Apache-2.0

import CVestibuleCurl
import Glibc
import HTTPTypes
import VestibuleBasics
import VestibuleEventLoop

/// A call under way and the answer as it comes in.
///
/// What can change is touched on the loop only, but for `isCancelled`.
final class Transfer: @unchecked Sendable {
    typealias Outcome = Result<HTTPAnswer, HTTPClientError>

    let call: HTTPCall
    let target: Target
    let policy: AddressPolicy
    let isCancelled = Locked(false)

    var continuation: Handoff<Outcome, Never>?
    var timer: TimerToken?
    var lookup: NameLookup?

    /// libcurl's handle and the lists it reads from, once the host is resolved.
    var easy: UnsafeMutableRawPointer?
    var lists: [UnsafeMutablePointer<curl_slist>] = []

    /// The only addresses it may be connected to.
    var addresses: [IPAddress] = []

    /// Why we ourselves made libcurl stop.
    var fault: HTTPClientError?

    private var status = 0
    private var fields = HTTPFields()
    private var headerBytes = 0
    private var isHeaderDone = false
    private var body: [UInt8] = []

    /// Bytes of an answer's header that are taken.
    static let maxHeader = 65_536

    init(_ call: HTTPCall, _ target: Target, _ policy: AddressPolicy) {
        self.call = call
        self.target = target
        self.policy = policy
    }

    var answer: HTTPAnswer { HTTPAnswer(status: status, fields: fields, body: body) }

    /// Takes a line of the header; false ends the transfer.
    func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        guard headerBytes <= Self.maxHeader else {
            fault = .answerTooLarge(status: status)
            return false
        }
        // What follows the header of the final answer are trailers.
        guard !isHeaderDone else { return true }
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            status = Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0
            fields = HTTPFields()
        } else if text.allSatisfy({ $0.isNewline }) {
            isHeaderDone = status >= 200
        } else if let colon = text.firstIndex(of: ":"),
            let name = HTTPField.Name(String(text[..<colon]))
        {
            let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields.append(
                HTTPField(name: name, value: String(value.prefix { !$0.isNewline }))
            )
        }
        return true
    }

    /// Takes a piece of the body; false ends the transfer.
    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= call.maxAnswer - body.count else {
            fault = .answerTooLarge(status: status)
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    /// Opens the socket to `address` if it may be connected to.
    func open(_ address: UnsafeMutablePointer<curl_sockaddr>) -> Int32 {
        let found = vestibule_curl_address(address).flatMap { IPAddress(socketAddress: $0) }
        do throws(AddressPolicy.Refusal) {
            guard let found, addresses.contains(found) else { throw .unresolved }
            try policy.check(found, of: target)
        } catch {
            fault = .refused(error)
            return -1
        }
        let kind = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        return socket(address.pointee.family, kind, address.pointee.protocol)
    }
}
