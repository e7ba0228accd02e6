// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// A scenario, or `compare` first: then the rest of the words is a comparison's.
@main
enum Main {
    static func main() {
        var words = Array(CommandLine.arguments.dropFirst())
        guard words.first == "compare" else { return LoadTests.main() }
        words.removeFirst()
        Compare.main(words)
    }
}
