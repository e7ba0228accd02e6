// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
package import VestibuleEventLoop

/// An HTTPS client on a loop: libcurl's `multi`, driven by the loop's own libuv handles.
///
/// One client has one policy, and with that connections of its own: one that a trusted address
/// opened must not serve a user's URL. HTTP/1.1, kept alive; no redirects, no proxy, no cookies.
package final class HTTPClient: Sendable {
    private let loop: EventLoop
    private let policy: AddressPolicy
    private let engine: CurlEngine

    /// A client whose sockets live on `loop`.
    ///
    /// `trust` are certificates in PEM that are trusted instead of the system's, `capacity` is how
    /// many calls may be under way at once; more are refused `busy`.
    package init(
        loop: EventLoop,
        policy: AddressPolicy,
        resolver: any HostResolver,
        trust: String? = nil,
        capacity: Int = 512
    ) {
        self.loop = loop
        self.policy = policy
        engine = CurlEngine(
            loop: loop,
            resolver: resolver,
            trust: trust,
            capacity: capacity
        )
    }

    /// Makes the call; any task.
    ///
    /// Cancelling the task aborts the call and closes its connection.
    package func perform(_ call: HTTPCall) async throws(HTTPClientError) -> HTTPAnswer {
        let target = try Target(call.url)
        do {
            try policy.check(target, allowsPlain: call.allowsPlain)
        } catch {
            throw HTTPClientError.refused(error)
        }
        let transfer = Transfer(call, target, policy)
        let (loop, engine) = (loop, engine)
        let outcome = await withTaskCancellationHandler {
            await withHandoff { continuation in
                loop.submit { engine.begin(transfer, continuation) }
            }
        } onCancel: {
            // The mark, because this may come to the loop before `begin` does.
            transfer.isCancelled.withLock { $0 = true }
            loop.submit { engine.cancel(transfer) }
        }
        return try outcome.get()
    }

    /// Ends what is under way with ``HTTPClientError/shutDown`` and closes all connections.
    ///
    /// To be awaited before the loop is stopped; again does no harm.
    package func shutdown() async {
        await withHandoff { done in
            loop.submit { [engine] in
                engine.shutdown()
                done.resume()
            }
        }
    }
}
