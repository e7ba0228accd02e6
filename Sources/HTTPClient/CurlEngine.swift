// SPDX-License-Identifier: Apache-2.0

import CVestibuleCurl
import CVestibuleUV
import VestibuleBasics
import VestibuleEventLoop

/// libcurl's `multi` on an event loop: who owns the handles and resumes the callers.
///
/// Everything here runs on the loop. libcurl's own callbacks only write down what it wants
/// (sockets, a timer, pieces of an answer); a transfer is added, ended or removed outside them.
final class CurlEngine: @unchecked Sendable {
    private let loop: EventLoop
    private let resolver: any HostResolver
    private let trust: String?
    private let capacity: Int

    private var multi: UnsafeMutableRawPointer?
    private var isShutDown = false
    private var transfers: [ObjectIdentifier: Transfer] = [:]
    private var timer: TimerToken?

    /// Idle connections kept; each is a descriptor and some 50 kB of TLS.
    private static let idleConnections = 64

    private static let started: Bool = vestibule_curl_start() == CURLE_OK

    init(loop: EventLoop, resolver: any HostResolver, trust: String?, capacity: Int) {
        precondition(Self.started, "libcurl could not be initialised")
        self.loop = loop
        self.resolver = resolver
        self.trust = trust
        self.capacity = capacity
    }

    deinit {
        precondition(multi == nil, "an HTTP client is shut down before it is let go")
    }

    func begin(_ transfer: Transfer, _ continuation: Handoff<Transfer.Outcome, Never>) {
        if isShutDown { return continuation.resume(returning: .failure(.shutDown)) }
        if transfer.isCancelled.withLock({ $0 }) {
            return continuation.resume(returning: .failure(.cancelled))
        }
        guard transfers.count < capacity else {
            return continuation.resume(returning: .failure(.busy))
        }
        transfer.continuation = continuation
        transfers[ObjectIdentifier(transfer)] = transfer
        transfer.timer = loop.schedule(after: transfer.call.deadline) { [unowned self, transfer] in
            finish(transfer, .failure(.timedOut))
        }
        resolve(transfer)
    }

    func cancel(_ transfer: Transfer) {
        finish(transfer, .failure(.cancelled))
    }

    func shutdown() {
        isShutDown = true
        for transfer in Array(transfers.values) { finish(transfer, .failure(.shutDown)) }
        if let timer { loop.cancel(timer) }
        timer = nil
        // Closes the idle connections, and asks for each of their sockets to be forgotten.
        if let multi { curl_multi_cleanup(multi) }
        multi = nil
    }

    private func resolve(_ transfer: Transfer) {
        if let literal = transfer.target.literal { return connect(transfer, to: [literal]) }
        let (loop, engine) = (loop, self)
        transfer.lookup = resolver.resolve(transfer.target.hostPort.host) { found in
            loop.submit {
                switch found {
                case .success(let addresses): engine.connect(transfer, to: addresses)
                case .failure(let failure):
                    engine.finish(transfer, .failure(.unresolvable(failure.reason)))
                }
            }
        }
    }

    /// Goes on where the host is known; what is forbidden of its addresses is left out.
    private func connect(_ transfer: Transfer, to found: [IPAddress]) {
        guard transfer.continuation != nil else { return }
        var refusal: AddressPolicy.Refusal?
        for address in found {
            do throws(AddressPolicy.Refusal) {
                try transfer.policy.check(address, of: transfer.target)
                transfer.addresses.append(address)
            } catch {
                refusal = error
            }
        }
        guard !transfer.addresses.isEmpty else {
            let fault = refusal.map { HTTPClientError.refused($0) } ?? .unresolvable("no such host")
            return finish(transfer, .failure(fault))
        }
        guard let multi = openMulti(), transfer.prepare(trust: trust),
            curl_multi_add_handle(multi, transfer.easy) == CURLM_OK
        else { return finish(transfer, .failure(.connection("libcurl is out of memory"))) }
    }

    private func openMulti() -> UnsafeMutableRawPointer? {
        if let multi { return multi }
        guard let made = curl_multi_init() else { return nil }
        let owner = Unmanaged.passUnretained(self).toOpaque()
        vestibule_curl_multi_set(made, watchSocket, armTimer, owner)
        vestibule_curl_multi_set_number(made, CURLMOPT_MAXCONNECTS, Self.idleConnections)
        multi = made
        return made
    }

    /// Ends a transfer, once; a second end is nothing.
    private func finish(_ transfer: Transfer, _ outcome: Transfer.Outcome) {
        guard let continuation = transfer.continuation else { return }
        transfer.continuation = nil
        transfers[ObjectIdentifier(transfer)] = nil
        if let timer = transfer.timer { loop.cancel(timer) }
        transfer.timer = nil
        transfer.lookup?.cancel()
        transfer.lookup = nil
        if let multi, let easy = transfer.easy { curl_multi_remove_handle(multi, easy) }
        transfer.release()
        continuation.resume(returning: outcome)
    }

    /// Lets libcurl work on a socket, or on its timer (`CURL_SOCKET_TIMEOUT`).
    func act(on socket: curl_socket_t, _ events: Int32) {
        guard let multi else { return }
        var running: Int32 = 0
        curl_multi_socket_action(multi, socket, events, &running)
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE,
                let owner = vestibule_curl_owner(message.pointee.easy_handle)
            else { continue }
            let transfer = Unmanaged<Transfer>.fromOpaque(owner).takeUnretainedValue()
            finish(transfer, transfer.outcome(message.pointee.data.result))
        }
    }

    /// libcurl wants to be called in `milliseconds`, or not any more if negative.
    fileprivate func arm(_ milliseconds: Int) {
        if let timer { loop.cancel(timer) }
        timer = nil
        guard milliseconds >= 0 else { return }
        timer = loop.schedule(after: .milliseconds(milliseconds)) { [unowned self] in
            timer = nil
            act(on: CURL_SOCKET_BAD, 0)
        }
    }

    fileprivate func watch(
        _ easy: UnsafeMutableRawPointer?,
        _ socket: curl_socket_t,
        _ wants: Int32,
        _ known: UnsafeMutableRawPointer?
    ) {
        if wants == CURL_POLL_REMOVE {
            if let known { SocketWatch.of(known).close() }
            return
        }
        guard let watch = known.map({ SocketWatch.of($0) }) ?? makeWatch(socket) else {
            giveUp(easy, "its socket cannot be watched")
            return
        }
        watch.wait(reading: wants & CURL_POLL_IN != 0, writing: wants & CURL_POLL_OUT != 0)
    }

    private func makeWatch(_ socket: curl_socket_t) -> SocketWatch? {
        guard let multi, let watch = SocketWatch(socket, on: loop.uv, for: self) else { return nil }
        curl_multi_assign(multi, socket, watch.retained)
        return watch
    }

    /// Ends libcurl's transfer from within one of its callbacks: afterwards, in a job.
    private func giveUp(_ easy: UnsafeMutableRawPointer?, _ reason: String) {
        guard let easy, let owner = vestibule_curl_owner(easy) else { return }
        let transfer = Unmanaged<Transfer>.fromOpaque(owner).takeUnretainedValue()
        loop.submit { [self] in finish(transfer, .failure(.connection(reason))) }
    }
}

extension Transfer {
    /// What libcurl's verdict means.
    fileprivate func outcome(_ code: CURLcode) -> Outcome {
        if code == CURLE_OK { return .success(answer) }
        if let fault { return .failure(fault) }
        let reason = String(cString: curl_easy_strerror(code))
        return switch code {
        case CURLE_OPERATION_TIMEDOUT: .failure(.timedOut)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
            .failure(.tls(reason))
        default: .failure(.connection(reason))
        }
    }
}

private func engine(_ owner: UnsafeMutableRawPointer?) -> CurlEngine {
    Unmanaged<CurlEngine>.fromOpaque(owner.unsafelyUnwrapped).takeUnretainedValue()
}

/// libcurl's socket callback.
private func watchSocket(
    _ easy: UnsafeMutableRawPointer?,
    _ socket: curl_socket_t,
    _ wants: Int32,
    _ owner: UnsafeMutableRawPointer?,
    _ known: UnsafeMutableRawPointer?
) -> Int32 {
    engine(owner).watch(easy, socket, wants, known)
    return 0
}

/// libcurl's timer callback.
private func armTimer(
    _ multi: UnsafeMutableRawPointer?,
    _ milliseconds: Int,
    _ owner: UnsafeMutableRawPointer?
) -> Int32 {
    engine(owner).arm(milliseconds)
    return 0
}
