// SPDX-License-Identifier: Apache-2.0

extension Ban {
    /// Every banned call.
    static let all: [Ban] =
        clocks + waiting + traps + tasks + threads + chance + surroundings
}

/// Time comes in through the door.
private let clocks: [Ban] = {
    let instead = "take `now: Now` as a parameter; only EventLoop reads clocks."
    let rows: [(word: String, then: [String], innocent: String)] = [
        ("Date", ["()", ".now", ".init()"], "let day = makeDate()"),
        ("ContinuousClock", [], "let continuousClock = 1"),
        ("SuspendingClock", [], "let suspendingClock = 1"),
        ("clock_gettime", [], "let clock = 1"),
        ("gettimeofday", [], "let day = 1"),
        ("uv_hrtime", [], "uv_update_time(loop)"),
        ("uv_now", [], "uv_run(loop)"),
        ("DispatchTime", [], "let time = 1"),
        ("systemUptime", [], "let uptime = 1"),
    ]
    return rows.map { row in
        Ban(
            word: row.word,
            then: row.then,
            home: ["EventLoop", "Harness"],
            instead: instead,
            planted: "let now = \(row.word)\(row.then.first ?? "")",
            innocent: row.innocent
        )
    }
}()

/// Nothing sleeps: a timer belongs to a loop, a test has a clock it turns by hand.
private let waiting: [Ban] = {
    let instead = "use the loop's timers; in tests turn the hand clock or await a condition."
    return [
        Ban(
            word: "Task",
            then: [".sleep"],
            exceptions: [
                "Sources/Server/Running.swift":
                    "the patience with pushes at the end runs on Swift's pool, without a loop",
                "Sources/Server/Server+Listening.swift":
                    "the watch on the directory and the goodbye run on Swift's pool, without a loop",
                "Sources/Server/Server+Sweeping.swift":
                    "the sweep of the store runs on Swift's pool, without a loop",
                "Sources/vestibule/Support/Scene.swift":
                    "the demo's people take their time",
                "Sources/vestibule/Support/Script.swift": "a script's `wait`, and its limit",
                "Sources/Notifier/NotifierDesk.swift":
                    "push policy runs on Swift's pool, without a loop; PushQueue decides",
            ],
            instead: instead,
            planted: "try await Task.sleep(for: .seconds(1))",
            innocent: "Task.isCancelled"
        ),
        Ban(
            word: "Task",
            then: [".yield"],
            instead: instead,
            planted: "await Task.yield()",
            innocent: "Task.isCancelled"
        ),
        Ban(
            word: "Thread",
            then: [".sleep"],
            instead: instead,
            planted: "Thread.sleep(forTimeInterval: 1)",
            innocent: "Thread.current"
        ),
        Ban(
            word: "usleep",
            then: ["("],
            free: true,
            instead: instead,
            planted: "usleep(1000)",
            innocent: "clock.usleep(1000)"
        ),
        Ban(
            word: "sleep",
            then: ["("],
            free: true,
            instead: instead,
            planted: "sleep(1)",
            innocent: "panel.sleep(1)"
        ),
        Ban(
            word: "nanosleep",
            then: ["("],
            free: true,
            exceptions: [
                "Sources/SQLiteStore/StoreWriter.swift":
                    "the writer's own thread, between two tries of a store that failed"
            ],
            instead: instead,
            planted: "nanosleep(&time, nil)",
            innocent: "nanosleeps(1)"
        ),
    ]
}()

/// What may trap says why in a sentence; what a peer sends never traps.
private let traps: [Ban] = [
    Ban(
        word: "try",
        then: ["!"],
        instead: "handle the error; a bug is `precondition(…)` with a sentence.",
        planted: "let page = try! read()",
        innocent: "let page = try? read()"
    ),
    Ban(
        word: "as",
        then: ["!"],
        instead:
            "`as?` and an answer for the other case; a bug is a `precondition` with a sentence.",
        planted: "let name = value as! String",
        innocent: "let name = value as? String"
    ),
    Ban(
        word: "fatalError",
        then: ["("],
        free: true,
        instead: "`preconditionFailure` with a sentence that says which promise was broken.",
        planted: "fatalError(\"no\")",
        innocent: "report(fatalErrors)"
    ),
    Ban(
        word: "@testable",
        instead: "test through `package` access: the tests run against the code that ships.",
        planted: "@testable import VestibuleWire",
        innocent: "import VestibuleWire"
    ),
]

/// Work has an owner that ends it.
private let tasks: [Ban] = [
    Ban(
        word: "Task",
        then: ["{", "(", ".detached", ".immediate", ".init"],
        zones: [.room, .binary],
        exceptions: unownedTasks,
        instead: """
            a task from a callback reorders and outlives its owner; call the core, post a job to \
            the loop, or list the file with its reason in Bans.swift.
            """,
        planted: "Task<Void, Never> { await tell() }",
        innocent: "let work: Task<Void, Never>? = nil"
    )
]

/// Files that may start a task, and why.
private let unownedTasks: [String: String] = [
    "Sources/Server/Running.swift": "the push desk's task, which stop() awaits or cancels",
    "Sources/Server/Server+Listening.swift": "the watch on the directory, which stop() cancels",
    "Sources/Server/Server+Sweeping.swift": "the sweep of the store, which stop() cancels",
    "Sources/Transport/TransportServer+Web.swift":
        "an HTTP handler is asynchronous; its answer finds the connection by id, or nobody, and it "
        + "is cancelled when its time is over or its peer gone",
    "Sources/Transport/TransportServer+Answers.swift":
        "a streamed answer is asynchronous too, and is cancelled when its reader goes",
    "Sources/Client/Shell/ClientCore.swift": "a client that was let go is ended on its loop",
]

/// One kind of lock, one kind of thread.
private let threads: [Ban] = {
    let locks = [
        "Mutex", "NSLock", "NSRecursiveLock", "OSAllocatedUnfairLock", "DispatchSemaphore",
    ]
    let queues = ["DispatchQueue", "DispatchGroup", "OperationQueue", "RunLoop"]
    return locks.map { word in
        Ban(
            word: word,
            home: ["Basics"],
            instead: "`Locked`: a futex that the thread sanitizer cannot see gives false races.",
            planted: "let state = \(word)(0)",
            innocent: "let state = Locked(0)"
        )
    }
        + queues.map { word in
            Ban(
                word: word,
                instead: "post to an EventLoop or to one of its named workers.",
                planted: "\(word)(label: 1)",
                innocent: "let queue\(word) = 1"
            )
        }
        + ["Checked", "CheckedThrowing", "Unsafe", "UnsafeThrowing"].map { kind in
            Ban(
                word: "with\(kind)Continuation",
                home: ["Basics"],
                instead: "`withHandoff`: the thread sanitizer does not see every plain resumption.",
                planted: "await with\(kind)Continuation { waiting = $0 }",
                innocent: "await withHandoff { waiting = $0 }"
            )
        } + [
            Ban(
                word: "pthread_create",
                home: ["EventLoop"],
                instead: "EventLoop owns the threads: a loop, or one of its named workers.",
                planted: "pthread_create(&thread, nil, run, nil)",
                innocent: "pthread_self()"
            ),
            Ban(
                word: "lws_send_pipe_choked",
                instead: "`lws_partial_buffered`: it asks no kernel.",
                planted: "if lws_send_pipe_choked(wsi) != 0 {}",
                innocent: "if lws_partial_buffered(wsi) != 0 {}"
            ),
        ]
}()

/// Chance is passed in, so that a run can be repeated from its seed.
private let chance: [Ban] = {
    let home: Set<String> = [
        "Client", "Crypto", "EventLoop", "Harness", "Server", "Transport", "vestibule",
    ]
    let instead = "take `using random: inout some RandomNumberGenerator`."
    return ["random", "randomElement", "shuffled", "shuffle"].map { name in
        Ban(
            word: "." + name,
            then: ["("],
            unless: "using",
            zones: [.room, .binary],
            home: home,
            instead: instead,
            planted: "let chosen = list.\(name)()",
            innocent: "let chosen = list.\(name)(using: &random)"
        )
    } + [
        Ban(
            word: "SystemRandomNumberGenerator",
            zones: [.room, .binary],
            home: home,
            instead: instead,
            planted: "var random = SystemRandomNumberGenerator()",
            innocent: "var random = SeededGenerator(seed: 1)"
        ),
        Ban(
            word: "UUID",
            then: ["()"],
            zones: [.room, .binary],
            home: home,
            instead: "draw an `ID` with the time and the generator that were passed in.",
            planted: "let id = UUID()",
            innocent: "let id = UUID(uuidString: text)"
        ),
    ]
}()

/// A library leaves the process, its terminal and its environment alone.
private let surroundings: [Ban] = [
    Ban(
        word: "print",
        then: ["("],
        free: true,
        zones: [.room],
        instead: "log through the `Logger` that was passed in; the binary has a console.",
        planted: "print(token)",
        innocent: "console.print(line)"
    ),
    Ban(
        word: "debugPrint",
        then: ["("],
        free: true,
        zones: [.room],
        instead: "log through the `Logger` that was passed in.",
        planted: "debugPrint(call)",
        innocent: "console.debugPrint(call)"
    ),
    Ban(
        word: "NSLog",
        then: ["("],
        free: true,
        instead: "log through the `Logger` that was passed in.",
        planted: "NSLog(text)",
        innocent: "nsLog(text)"
    ),
    Ban(
        word: "exit",
        then: ["("],
        free: true,
        zones: [.room],
        instead: "throw; only a binary ends its process.",
        planted: "exit(1)",
        innocent: "desk.exit(1)"
    ),
    Ban(
        word: "getenv",
        then: ["("],
        free: true,
        zones: [.room],
        instead: "configuration is read once, by Server, and passed in.",
        planted: "let home = getenv(\"HOME\")",
        innocent: "setting.getenv(1)"
    ),
    Ban(
        word: "ProcessInfo",
        then: [".processInfo.environment"],
        zones: [.room],
        instead: "configuration is read once, by Server, and passed in.",
        planted: "ProcessInfo.processInfo.environment",
        innocent: "ProcessInfo.processInfo.processorCount"
    ),
    Ban(
        word: "URLSession",
        instead: "VestibuleHTTPClient: it bounds the answer and checks the address.",
        planted: "URLSession.shared",
        innocent: "let urlSession = 1"
    ),
]
