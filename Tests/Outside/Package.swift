// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// What an integrator's package looks like: the products by name, nothing else.
let products = [
    "VestibuleWire", "VestibuleClient", "VestibuleNotifier", "VestibuleNotifierContract",
    "VestibuleServer",
]
let package = Package(
    name: "outside",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "vestibule", path: "../..")],
    targets: [
        .executableTarget(
            name: "outside",
            dependencies: products.map { .product(name: $0, package: "vestibule") }
        )
    ]
)
