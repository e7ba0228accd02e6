// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPTypes
import Testing
import VestibuleBasics
import VestibuleHTTPClient
import VestibuleTestKit

@Suite(.timeLimit(.minutes(1))) struct HTTPClientTests {
    @Test func `a post arrives whole, and its answer comes back`() async throws {
        try await Bench.lend(script: { request in
            .answer(
                201,
                fields: [("X-Two", "a"), ("x-two", "b"), ("Empty", "")],
                body: request.body.reversed()
            )
        }) { bench in
            let body = [UInt8](0...255)
            let answer = try await bench.client.perform(
                bench.call("/a/b?c=d") { call in
                    call.body = body
                    call.fields[.contentType] = "application/octet-stream"
                    call.fields[.accept] = ""
                }
            )
            #expect(answer.status == 201)
            #expect(answer.body == body.reversed())
            #expect(answer.fields[values: try #require(HTTPField.Name("x-two"))] == ["a", "b"])
            #expect(answer.fields[try #require(HTTPField.Name("empty"))] == "")
            let request = try #require(bench.server.requests.first)
            #expect(request.method == "POST" && request.path == "/a/b?c=d")
            #expect(request.body == body)
            #expect(request.field("content-type") == "application/octet-stream")
            #expect(request.field("host") == "hook.example:\(bench.server.port)")
            #expect(request.field("user-agent") == "Vestibule/\(vestibuleVersion)")
            #expect(request.field("accept") == "" && request.field("expect") == nil)
        }
    }

    @Test(arguments: ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
    func `other methods work too`(name: String) async throws {
        try await Bench.lend(script: { _ in .raw(Array("HTTP/1.1 204 No\r\n\r\n".utf8)) }) {
            bench in
            let method = try #require(HTTPRequest.Method(name))
            let answer = try await bench.client.perform(bench.call { $0.method = method })
            #expect(answer.status == 204)
            #expect(bench.server.requests.map(\.method) == [name])
        }
    }

    @Test func `a connection is used again`() async throws {
        try await Bench.lend { bench in
            for _ in 0..<5 { _ = try await bench.client.perform(bench.call()) }
            #expect(bench.server.requests.count == 5 && bench.server.connections == 1)
        }
    }

    @Test func `a hundred at once are all answered`() async throws {
        try await Bench.lend(script: { .answer(200, body: Array($0.path.utf8)) }) { bench in
            let faults = await withTaskGroup(of: String?.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        do throws(HTTPClientError) {
                            let answer = try await bench.client.perform(bench.call("/\(number)"))
                            return answer.body == Array("/\(number)".utf8) ? nil : "mixed up"
                        } catch {
                            return error.description
                        }
                    }
                }
                return await group.reduce(into: [String]()) { $0 += $1.map { [$0] } ?? [] }
            }
            #expect(faults == [])
        }
    }

    @Test func `redirects are answers`() async throws {
        try await Bench.lend(script: { _ in
            .answer(302, fields: [("Location", "http://127.0.0.1:1/")])
        }) { bench in
            let answer = try await bench.client.perform(bench.call())
            #expect(answer.status == 302 && answer.fields[.location] == "http://127.0.0.1:1/")
            #expect(bench.server.requests.count == 1)
        }
    }

    @Test func `pieces, hints before the answer and trailers after it are understood`() async throws
    {
        let text =
            "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nLate: yes\r\n\r\n"
        try await Bench.lend(script: { _ in .raw(Array(text.utf8)) }) { bench in
            let answer = try await bench.client.perform(bench.call())
            #expect(answer.status == 200 && answer.body == Array("abcde".utf8))
            #expect(answer.fields[try #require(HTTPField.Name("a"))] == "b")
            #expect(answer.fields[try #require(HTTPField.Name("link"))] == nil)
            #expect(answer.fields[try #require(HTTPField.Name("late"))] == nil)
        }
    }

    @Test func `an answer of just the length is taken, one byte more is not`() async throws {
        try await Bench.lend(script: { request in
            .answer(200, body: [UInt8](repeating: 1, count: Int(request.path.dropFirst()) ?? 0))
        }) { bench in
            let answer = try await bench.client.perform(
                bench.call("/50000") { $0.maxAnswer = 50_000 }
            )
            #expect(answer.body.count == 50_000)
            let fault = await bench.fault(bench.call("/50001") { $0.maxAnswer = 50_000 })
            #expect(fault == .answerTooLarge(status: 200))
        }
    }

    @Test func `a header without end is not taken`() async throws {
        let fields = (0..<40).map { ("X-\($0)", String(repeating: "a", count: 4000)) }
        try await Bench.lend(script: { _ in .answer(200, fields: fields) }) { bench in
            #expect(await bench.fault(bench.call()) == .answerTooLarge(status: 200))
        }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "SSH-2.0-x\r\n", "\0\0\0",
    ])
    func `a broken answer is a fault of the connection`(text: String) async throws {
        try await Bench.lend(script: { _ in text.isEmpty ? .drop : .raw(Array(text.utf8)) }) {
            bench in
            // What is short is seen when the server closes.
            async let fault = bench.fault(bench.call())
            await bench.server.requested(1)
            await bench.server.stop()
            guard case .connection = await fault else {
                Issue.record("it was \(String(describing: await fault))")
                return
            }
        }
    }

    @Test func `nobody at the port is a fault of the connection`() async throws {
        try await Bench.lend { bench in
            // No port of a server that has gone: another test's may get its number.
            let fault = await bench.fault(bench.call { $0.url = "http://hook.example:1/" })
            guard case .connection = fault else {
                Issue.record("it was \(String(describing: fault))")
                return
            }
        }
    }

    /// In a process of its own, whose environment is nobody else's.
    @Test func `the environment's proxy is not asked`() async {
        await #expect(processExitsWith: .success) {
            setenv("http_proxy", "http://127.0.0.1:1", 1)
            setenv("ALL_PROXY", "http://127.0.0.1:1", 1)
            try await Bench.lend { bench in
                let answer = try await bench.client.perform(bench.call())
                precondition(answer.status == 204, "it was asked")
            }
        }
    }
}
