// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import VestibuleBasics
import VestibuleEventLoop

/// The `vestibule` executable that was built beside these tests.
enum Binary {
    /// How a run ended, and what it wrote.
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Its path; a test says so where it is missing.
    static func path() throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(filePath: tests).deletingLastPathComponent().appending(path: "vestibule")
            .path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Disappointment("\(path) is missing: build the product vestibule first")
        }
        return path
    }

    /// Runs it to its end, which comes within a minute: a hanging one is killed, status 124.
    ///
    /// A `shell` script finds the binary as `$0` and the arguments as `$@`.
    static func run(
        _ arguments: [String],
        shell: String = "exec \"$0\" \"$@\"",
        environment: [String: String] = [:]
    ) async throws -> Outcome {
        let worker = Worker(name: "binary", capacity: 1)
        let run = try Run(
            ["--kill-after=5", "60", "/bin/sh", "-c", shell, try path()] + arguments,
            of: "/usr/bin/timeout",
            errors: Pipe(),
            environment: environment
        )
        do {
            let output = try await worker.run {
                run.output.fileHandleForReading.readDataToEndOfFile()
            }
            let errors = try await worker.run {
                run.errors?.fileHandleForReading.readDataToEndOfFile()
            }
            await worker.stop()
            return Outcome(
                status: await run.ended(),
                output: String(decoding: output, as: UTF8.self),
                errors: String(decoding: errors ?? Data(), as: UTF8.self)
            )
        } catch {
            await worker.stop()
            throw error
        }
    }
}

/// A process; its members are touched before it runs, or are safe from anywhere.
final class Run: @unchecked Sendable {
    let output = Pipe()
    let errors: Pipe?
    private let process = Process()
    private let exit: AsyncStream<Int32>

    var pid: Int32 { process.processIdentifier }

    /// Starts the binary; what it logs goes to `errors`, or to a file at the end of which it waits
    /// for who looks for a fault.
    init(
        _ arguments: [String],
        of program: String? = nil,
        errors: Pipe? = nil,
        log: String? = nil,
        environment: [String: String] = [:]
    ) throws {
        self.errors = errors
        let (exit, continuation) = AsyncStream<Int32>.makeStream()
        self.exit = exit
        process.executableURL = URL(filePath: try program ?? Binary.path())
        process.arguments = arguments
        if !environment.isEmpty {
            process.environment = ProcessInfo.processInfo.environment
                .merging(environment) { $1 }
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        if let errors {
            process.standardError = errors
        } else if let log {
            let isThere = FileManager.default.fileExists(atPath: log)
            guard isThere || FileManager.default.createFile(atPath: log, contents: nil) else {
                throw Disappointment("\(log) cannot be written")
            }
            let file = try FileHandle(forWritingTo: URL(filePath: log))
            try file.seekToEnd()
            process.standardError = file
        }
        process.terminationHandler = { process in
            continuation.yield(process.terminationStatus)
            continuation.finish()
        }
        try process.run()
    }

    /// Waits for its end: the exit status, or the number of the signal.
    func ended() async -> Int32 {
        for await status in exit { return status }
        return -1
    }
}

/// The binary as it serves a folder.
struct Serving: Sendable {
    let port: Int
    private let run: Run

    /// Starts it and waits for the line that says that it is ready.
    ///
    /// Its errors go to `errors` where that is given, or wherever a `shell` script sends them, which
    /// finds the binary as `$0` and its arguments as `$@`.
    static func start(
        data: String,
        port: Int = 0,
        _ more: [String] = [],
        shell: String? = nil,
        errors: Pipe? = nil
    ) async throws -> Serving {
        let arguments = ["serve", "--data", data, "--listen", "127.0.0.1:\(port)"] + more
        let run =
            if let shell {
                try Run(["-c", shell, try Binary.path()] + arguments, of: "/bin/sh")
            } else {
                try Run(arguments, errors: errors, log: data + ".log")
            }
        let worker = Worker(name: "binary", capacity: 1)
        let line = try await worker.run { Self.line(run.output.fileHandleForReading) }
        await worker.stop()
        guard let port = line.split(separator: ":").last.flatMap({ Int($0) }),
            line.hasPrefix("listening on ws://127.0.0.1:")
        else {
            let log = (try? String(contentsOfFile: data + ".log", encoding: .utf8)) ?? ""
            throw Disappointment("it did not say that it listens: \(line)\n\(log.suffix(2_000))")
        }
        return Serving(port: port, run: run)
    }

    private static func line(_ handle: FileHandle) -> String {
        var bytes: [UInt8] = []
        while let byte = try? handle.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Its process, or the shell's that became it.
    var pid: Int32 { run.pid }

    /// Stops it as a debugger or a suspended machine does; `thaw` lets it go on.
    func freeze() { kill(run.pid, SIGSTOP) }

    func thaw() { kill(run.pid, SIGCONT) }

    /// Ends it as a power cut does, and waits until it is gone.
    func kill9() async {
        kill(run.pid, SIGKILL)
        _ = await run.ended()
    }

    /// Asks it to end and answers with its exit status.
    func terminate() async -> Int32 {
        kill(run.pid, SIGTERM)
        return await run.ended()
    }
}
