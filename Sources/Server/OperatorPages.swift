// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import VestibuleTransport

/// `/healthz`, `/readyz`, `/metrics`: what an operator's tools ask.
struct OperatorPages: Sendable {
    let scrape: Scrape

    /// Whether `/metrics` is for others than loopback too.
    let isPublic: Bool

    func answer(_ request: WebRequest) async -> WebResponse {
        switch request.path {
        case "/healthz", "/readyz", "/metrics": break
        default: return WebResponse(status: .notFound, text: "not found\n")
        }
        guard request.method == .get || request.method == .head else {
            var response = WebResponse(status: .methodNotAllowed, text: "GET only\n")
            response.headerFields[.allow] = "GET, HEAD"
            return response
        }
        switch request.path {
        case "/healthz": return WebResponse(status: .ok, text: "ok\n")
        case "/readyz": return await readiness()
        default: return await metrics(request)
        }
    }

    /// Ready is who can record: without the store calls go on, but no door opens.
    private func readiness() async -> WebResponse {
        if let trouble = scrape.storeTrouble {
            return WebResponse(status: .serviceUnavailable, text: "store: \(trouble)\n")
        }
        return WebResponse(status: .ok, text: "ready\n")
    }

    private func metrics(_ request: WebRequest) async -> WebResponse {
        guard isPublic || request.isLoopback else {
            return WebResponse(status: .notFound, text: "not found\n")
        }
        var response = WebResponse(status: .ok, text: await scrape.text())
        response.headerFields[.contentType] = "text/plain; version=0.0.4; charset=utf-8"
        return response
    }
}
