// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics

@Suite struct VersionTests {
    @Test func `the version is a semantic one`() {
        let numbers = vestibuleVersion.split(separator: "-").first?.split(separator: ".") ?? []
        #expect(numbers.count == 3)
        #expect(numbers.allSatisfy { Int($0) != nil })
    }
}
