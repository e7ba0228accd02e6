// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// What every room is compiled with (see "House rules" in the server's documentation).
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
    .treatWarning("StrictLanguageFeatures", as: .error),
]

/// A room of the house: `name` is its folder below Sources (or where it says else), its target
/// carries the prefix.
func room(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    below folder: String = "Sources"
) -> Target {
    .target(
        name: "Vestibule" + name,
        dependencies: dependencies,
        path: folder + "/" + name,
        swiftSettings: settings
    )
}

/// A system library behind one module map, one shim header.
func library(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(
        name: "CVestibule" + name,
        path: "Sources/C" + name,
        pkgConfig: pkgConfig,
        providers: [.apt([apt])]
    )
}

/// The tests of a room: `Tests/<name>Tests`.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "Vestibule" + name + "Tests",
        dependencies: dependencies,
        path: "Tests/" + name + "Tests",
        swiftSettings: settings
    )
}

let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let configuration = Target.Dependency.product(
    name: "Configuration",
    package: "swift-configuration"
)
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")
let arguments = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

let package = Package(
    name: "vestibule",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "VestibuleWire", targets: ["VestibuleWire", "VestibuleBasics"]),
        .library(name: "VestibuleClient", targets: ["VestibuleClient"]),
        .library(name: "VestibuleNotifier", targets: ["VestibuleNotifier", "VestibuleBasics"]),
        .library(name: "VestibuleNotifierContract", targets: ["VestibuleNotifierContract"]),
        .library(name: "VestibuleServer", targets: ["VestibuleServer"]),
        .executable(name: "vestibule", targets: ["vestibule"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration",
            from: "1.4.0",
            traits: []
        ),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // Floor 0: pure.
        room("Basics"),
        room("Wire", ["VestibuleBasics"]),
        room("CallCore", ["VestibuleBasics"]),
        room("AccessCore", ["VestibuleBasics"]),
        .target(name: "CVestibuleSupport", path: "Sources/CSupport"),
        library("WebSockets", pkgConfig: "libwebsockets", apt: "libwebsockets-dev"),
        library("UV", pkgConfig: "libuv", apt: "libuv1-dev"),
        library("OpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
        library("Curl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        library("SQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        library("VPX", pkgConfig: "vpx", apt: "libvpx-dev"),
        library("Opus", pkgConfig: "opus", apt: "libopus-dev"),
        library("PNG", pkgConfig: "libpng", apt: "libpng-dev"),

        // Floor 1: ports and engines.
        room("EventLoop", ["VestibuleBasics", "CVestibuleSupport", "CVestibuleUV"]),
        room(
            "Transport",
            [
                "VestibuleBasics", "VestibuleEventLoop", "CVestibuleSupport",
                "CVestibuleWebSockets", "CVestibuleUV", "CVestibuleOpenSSL", httpTypes,
            ]
        ),
        room(
            "HTTPClient",
            [
                "VestibuleBasics", "VestibuleEventLoop", "CVestibuleCurl", "CVestibuleUV",
                httpTypes,
            ]
        ),
        room("Crypto", ["VestibuleBasics", "CVestibuleOpenSSL"]),
        room("Codecs", ["CVestibuleVPX", "CVestibuleOpus"]),
        room("Imaging", ["VestibuleCodecs", "CVestibulePNG"]),
        room("Storage", ["VestibuleBasics", "VestibuleCallCore", "VestibuleAccessCore"]),
        room("Notifier", ["VestibuleBasics"]),

        // Floor 2: adapters.
        room(
            "SQLiteStore",
            [
                "VestibuleBasics", "VestibuleCallCore", "VestibuleAccessCore",
                "VestibuleStorage", "VestibuleEventLoop", "CVestibuleSQLite",
            ]
        ),
        room(
            "Webhook",
            [
                "VestibuleBasics", "VestibuleNotifier", "VestibuleHTTPClient",
                "VestibuleCrypto", "VestibuleEventLoop", httpTypes,
            ]
        ),

        // Floor 3: the exchange.
        room(
            "Switchboard",
            [
                "VestibuleBasics", "VestibuleWire", "VestibuleCallCore",
                "VestibuleAccessCore", "VestibuleStorage", "VestibuleNotifier",
            ]
        ),

        // Floor 4: the composition root.
        room(
            "Server",
            [
                "VestibuleBasics", "VestibuleWire", "VestibuleCallCore",
                "VestibuleAccessCore", "VestibuleEventLoop", "VestibuleTransport",
                "VestibuleHTTPClient", "VestibuleCrypto", "VestibuleStorage",
                "VestibuleSQLiteStore", "VestibuleNotifier", "VestibuleWebhook",
                "VestibuleSwitchboard", httpTypes, logging, configuration, yaml,
            ]
        ),

        // Side rooms.
        room(
            "FaultProxy",
            [
                "VestibuleBasics", "VestibuleEventLoop", "CVestibuleSupport", "CVestibuleUV",
            ]
        ),
        room("NotifierContract", ["VestibuleBasics", "VestibuleNotifier"]),
        room(
            "Client",
            [
                "VestibuleBasics", "VestibuleWire", "VestibuleEventLoop",
                "VestibuleTransport",
            ]
        ),
        room(
            "Simulators",
            [
                "VestibuleBasics", "VestibuleWire", "VestibuleClient", "VestibuleCodecs",
                "VestibuleImaging", "VestibuleEventLoop",
            ]
        ),
        room(
            "TestKit",
            [
                "VestibuleBasics", "VestibuleWire", "VestibuleCallCore",
                "VestibuleAccessCore", "VestibuleStorage", "VestibuleNotifier",
                "VestibuleSwitchboard", "VestibuleEventLoop", "VestibuleClient",
            ]
        ),

        // Floor 5: the binary.
        .executableTarget(
            name: "vestibule",
            dependencies: [
                "VestibuleBasics", "VestibuleWire", "VestibuleServer", "VestibuleClient",
                "VestibuleSimulators", "VestibuleStorage", "VestibuleSQLiteStore",
                "VestibuleCrypto", "VestibuleEventLoop", "VestibuleTransport", "VestibuleCodecs",
                "VestibuleFaultProxy",
                "VestibuleImaging", "VestibuleAccessCore", "VestibuleCallCore", "VestibuleNotifier",
                arguments,
                logging, httpTypes,
            ],
            swiftSettings: settings
        ),

        // The harness, and the simulation of whole households.
        .systemLibrary(name: "CVestibuleEpoll", path: "LoadTests/CEpoll"),
        room(
            "Harness",
            [
                "CVestibuleEpoll", "CVestibuleOpenSSL", "CVestibuleSupport",
                "VestibuleBasics", "VestibuleWire", "VestibuleClient", "VestibuleCodecs",
                "VestibuleSimulators", histogram,
            ],
            below: "LoadTests"
        ),
        .executableTarget(
            name: "loadtests",
            dependencies: ["VestibuleHarness", arguments],
            path: "LoadTests/Command",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "simulation",
            dependencies: [
                "VestibuleBasics", "VestibuleWire", "VestibuleCallCore",
                "VestibuleAccessCore", "VestibuleStorage", "VestibuleNotifier",
                "VestibuleSwitchboard", "VestibuleClient", "VestibuleTestKit", arguments,
            ],
            path: "Tests/Simulation",
            swiftSettings: settings
        ),

        // Tests, a folder a room.
        tests("Basics", ["VestibuleBasics"]),
        tests("Wire", ["VestibuleBasics", "VestibuleWire"]),
        tests("CallCore", ["VestibuleBasics", "VestibuleCallCore"]),
        tests("AccessCore", ["VestibuleBasics", "VestibuleAccessCore"]),
        tests("EventLoop", ["VestibuleBasics", "VestibuleEventLoop"]),
        tests(
            "Transport",
            [
                "VestibuleBasics", "VestibuleEventLoop", "VestibuleTransport",
                "VestibuleCrypto", "CVestibuleOpenSSL", httpTypes,
            ]
        ),
        tests(
            "HTTPClient",
            [
                "VestibuleBasics", "VestibuleEventLoop", "VestibuleHTTPClient",
                "VestibuleTransport", "VestibuleCrypto", "VestibuleTestKit", "CVestibuleUV",
                httpTypes,
            ]
        ),
        tests("Crypto", ["VestibuleBasics", "VestibuleCrypto"]),
        tests(
            "Codecs",
            [
                "VestibuleBasics", "VestibuleCodecs", "VestibuleImaging", "VestibuleWire",
                "CVestibulePNG",
            ]
        ),
        tests(
            "Storage",
            [
                "VestibuleBasics", "VestibuleCallCore", "VestibuleAccessCore",
                "VestibuleStorage", "VestibuleSQLiteStore", "VestibuleTestKit",
                "CVestibuleSQLite",
            ]
        ),
        tests(
            "Notifier",
            [
                "VestibuleBasics", "VestibuleNotifier", "VestibuleNotifierContract",
                "VestibuleWebhook", "VestibuleHTTPClient", "VestibuleCrypto",
                "VestibuleEventLoop", "VestibuleTransport", "VestibuleTestKit", httpTypes,
            ]
        ),
        tests(
            "Switchboard",
            [
                "VestibuleBasics", "VestibuleWire", "VestibuleCallCore",
                "VestibuleAccessCore", "VestibuleStorage", "VestibuleNotifier",
                "VestibuleSwitchboard", "VestibuleTestKit",
            ]
        ),
        tests(
            "Client",
            [
                "VestibuleBasics", "VestibuleWire", "VestibuleClient",
                "VestibuleSimulators", "VestibuleCodecs", "VestibuleEventLoop",
                "VestibuleTransport", httpTypes,
            ]
        ),
        tests(
            "Server",
            [
                "VestibuleBasics", "VestibuleWire", "VestibuleServer", "VestibuleClient",
                "VestibuleEventLoop", "VestibuleTransport", "VestibuleStorage",
                "VestibuleSQLiteStore", "VestibuleTestKit", "VestibuleCrypto",
                "VestibuleNotifier", "VestibuleAccessCore", "VestibuleCallCore",
                "VestibuleSwitchboard", "VestibuleSimulators", "VestibuleCodecs",
                "VestibuleFaultProxy", httpTypes, logging,
            ]
        ),
        tests(
            "FaultProxy",
            ["VestibuleBasics", "VestibuleEventLoop", "VestibuleFaultProxy"]
        ),
        tests(
            "Harness",
            [
                "VestibuleBasics", "VestibuleWire", "VestibuleClient", "VestibuleHarness",
                "VestibuleCrypto", "CVestibuleOpenSSL",
            ]
        ),
        tests("House", []),
    ]
)
