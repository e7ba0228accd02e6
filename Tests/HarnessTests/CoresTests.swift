// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleHarness

@Suite struct CoresTests {
    @Test(arguments: [
        ("0", [0]), ("0-1", [0, 1]), ("0-2,5", [0, 1, 2, 5]), ("3,7-8", [3, 7, 8]), ("", []),
        ("x-2", [2]), ("4-1", []),
    ])
    func `the cores of a process are those of its list`(_ list: String, _ cores: [Int]) {
        let status =
            "Name:\tvestibule\nCpus_allowed:\t3\nCpus_allowed_list:\t\(list)\nMems_allowed:\t1"
        #expect(Cores.listed(in: status) == cores)
    }

    @Test func `a status without a list names none`() {
        #expect(Cores.listed(in: "Name:\tvestibule\n") == [])
    }
}
