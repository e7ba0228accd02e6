// SPDX-License-Identifier: Apache-2.0

import CVestibuleUV
import Glibc
import VestibuleEventLoop

/// Looks a host name up on libuv's threads: libwebsockets itself would block the loop.
final class NameLookup {
    private let name: String
    private let done: (String?) -> Void
    private let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)

    /// `done` gets the first numeric address, or nil; on the loop, once.
    init(_ name: String, _ done: @escaping (String?) -> Void) {
        self.name = name
        self.done = done
    }

    deinit {
        request.deallocate()
    }

    /// Starts; the request keeps itself alive until it is done.
    func start(on loop: EventLoop) {
        request.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let failure = uv_getaddrinfo(
            loop.uv,
            request,
            { request, status, list in
                guard let data = request?.pointee.data else { return }
                let lookup = Unmanaged<NameLookup>.fromOpaque(data).takeRetainedValue()
                lookup.finish(status == 0 ? list : nil)
                uv_freeaddrinfo(list)
            },
            name,
            nil,
            nil
        )
        if failure != 0 {
            Unmanaged.passUnretained(self).release()
            done(nil)
        }
    }

    private func finish(_ list: UnsafeMutablePointer<addrinfo>?) {
        guard let first = list?.pointee else {
            done(nil)
            return
        }
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let failure = getnameinfo(
            first.ai_addr,
            first.ai_addrlen,
            &name,
            socklen_t(name.count),
            nil,
            0,
            NI_NUMERICHOST
        )
        let text = String(
            decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
        done(failure == 0 ? text : nil)
    }
}
