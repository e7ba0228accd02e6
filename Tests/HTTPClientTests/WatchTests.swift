// SPDX-License-Identifier: Apache-2.0

import CVestibuleUV
import Glibc
import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleHTTPClient
import VestibuleTestKit

/// A descriptor's number that libuv believes to be watched, so that it watches no socket with it.
private final class StaleWatch: @unchecked Sendable {
    private let handle = UnsafeMutablePointer<uv_poll_t>.allocate(capacity: 1)
    private let descriptor: Int32

    /// On the loop.
    init(on loop: EventLoop) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let failure = uv_poll_init(loop.uv, handle, descriptor)
        precondition(failure == 0, "a fresh socket can be watched")
        uv_poll_start(handle, Int32(UV_DISCONNECT.rawValue)) { _, _, _ in }
    }

    /// Makes the number free again, once libuv has told the kernel about it.
    func free() { close(descriptor) }

    /// On the loop.
    func end() {
        UnsafeMutableRawPointer(handle).withMemoryRebound(to: uv_handle_t.self, capacity: 1) {
            uv_close($0) { $0?.deallocate() }
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct WatchTests {
    /// In a process of its own, where nobody else takes the free number.
    @Test func `a socket that cannot be watched fails its call and no other`() async {
        await #expect(processExitsWith: .success) {
            let loop = try EventLoop(name: "watch")
            loop.start()
            let (good, bad) = (
                ScriptedServer { _ in .answer(204) }, ScriptedServer { _ in .answer(204) }
            )
            let client = HTTPClient(
                loop: loop,
                policy: .provider,
                resolver: FixedResolver([:])
            )
            @Sendable func fault(_ server: ScriptedServer) async -> HTTPClientError? {
                do throws(HTTPClientError) {
                    _ = try await client.perform(
                        HTTPCall(url: "http://127.0.0.1:\(server.port)/", allowsPlain: true)
                    )
                    return nil
                } catch {
                    return error
                }
            }
            // libcurl takes the descriptors that it keeps with its first call.
            let first = await fault(good)
            precondition(first == nil, "\(String(describing: first))")
            let stale = try await loop.run { StaleWatch(on: loop) }
            try await loop.run { stale.free() }
            let second = await fault(bad)
            precondition(
                second == .connection("its socket cannot be watched"),
                "\(String(describing: second))"
            )
            let third = await fault(good)
            precondition(third == nil, "\(String(describing: third))")
            try await loop.run { stale.end() }
            await client.shutdown()
            await good.stop()
            await bad.stop()
            await loop.stop()
        }
    }
}
