// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleServer

extension ServerTests {
    /// A setting that means nothing is refused by its name, never passed over.
    @Suite struct SettingsTests {
        /// What reading says of a file with this text.
        private func fault(ofFile text: String) async throws -> (words: String, file: String?) {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let path = scratch.path + "/vestibule.yaml"
            try Data(text.utf8).write(to: URL(filePath: path))
            let error = await #expect(throws: ConfigurationError.self) {
                try await ServerConfiguration.load(
                    environment: ["VESTIBULE_DATA": scratch.path],
                    file: path
                )
            }
            let words = error?.description.replacing(path, with: "FILE") ?? ""
            return (words, error?.file.map { $0 == path ? "FILE" : $0 })
        }

        @Test(arguments: [
            ("lissten: 127.0.0.1:1", "FILE:1: lissten is no setting (did you mean listen?)"),
            (
                "log:\n  level: info\n  colour: red", "FILE:3: log.colour is no setting"
            ),
            (
                "limits:\n  call:\n    rnig: 20",
                "FILE:3: limits.call.rnig is no setting (did you mean limits.call.ring?)"
            ),
            ("limits:\n  cal:\n    ring: 20", "FILE:2: limits.cal is no setting"),
            ("call.ring: 20", "FILE:1: call.ring is no setting (did you mean limits.call.ring?)"),
            ("listen:\n  host: x", "FILE:1: listen takes one value"),
            ("loops: [1, 2]", "FILE:1: loops takes one value"),
            ("limits: 20", "FILE:1: limits is a section, its settings go below it"),
            ("- listen", "FILE:1: a file of settings is a list of `key: value`"),
            ("loops: many", "FILE: loops is a number from 1 to 64, not many"),
            ("pace: -0.001", "FILE: pace is a number of seconds from 0 to 0.1, not -0.001"),
            (
                "limits:\n  session:\n    heartbeat: 0",
                "FILE: limits.session.heartbeat is a number of seconds from 0.001 to 1000000000, "
                    + "not 0"
            ),
            (
                "limits:\n  call:\n    grace: -1",
                "FILE: limits.call.grace is a number of seconds from 0 to 1000000000, not -1"
            ),
            ("metrics:\n  public: maybe", "FILE: metrics.public is true or false, not maybe"),
            (
                "log:\n  level: debgu",
                "FILE: log.level is one of trace, debug, info, notice, warning, error, critical, "
                    + "not debgu (did you mean debug?)"
            ),
            ("tls:\n  key: k.pem", "FILE: tls.key stands without tls.certificate"),
        ])
        func `a file is refused with the line or the key`(
            _ text: String,
            _ words: String
        ) async throws {
            let fault = try await fault(ofFile: text)
            #expect(fault.words.hasPrefix(words), "\(fault.words)")
            #expect(!fault.words.contains("\n"))
            #expect(fault.file == "FILE")
        }

        @Test func `a file that is no YAML is refused in one line`() async throws {
            let fault = try await fault(ofFile: "log: {level: [")
            #expect(fault.words.hasPrefix("FILE is no YAML") && !fault.words.contains("\n"))
        }

        @Test func `a section with nothing below it is nothing`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let path = scratch.path + "/vestibule.yaml"
            for text in ["", "# only this\n", "limits:\n# call:\nlog:\n  level:\n"] {
                try Data(text.utf8).write(to: URL(filePath: path))
                let configuration = try await ServerConfiguration.load(
                    environment: ["VESTIBULE_DATA": "d"],
                    file: path
                )
                #expect(configuration == ServerConfiguration(data: "d"))
            }
        }

        @Test func `the sample without its marks is the defaults`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let lines = ServerConfiguration.sample.split(separator: "\n").compactMap { line in
                line.wholeMatch(of: /# ( *[A-Za-z]+:( .*)?)/)?.1
            }
            let examples = ["data:", "certificate:", "key:", "url:", "secret:"]
            let text = lines.filter { line in
                !examples.contains { line.drop { $0 == " " }.hasPrefix($0) }
            }
            let path = scratch.path + "/vestibule.yaml"
            try Data(text.joined(separator: "\n").utf8).write(to: URL(filePath: path))
            let configuration = try await ServerConfiguration.load(
                environment: ["VESTIBULE_DATA": "d"],
                file: path
            )
            #expect(configuration == ServerConfiguration(data: "d"))
            let named = Set(lines.map { $0.drop { $0 == " " }.prefix { $0 != ":" } })
            for key in ServerConfiguration.keys {
                let word = key.split(separator: ".").last ?? ""
                #expect(named.contains(word), "\(key) is not in the sample")
            }
        }

        @Test func `flags lie over variables, those over the file, and each names its place`()
            async throws
        {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let path = scratch.path + "/vestibule.yaml"
            try Data("loops: 2\nlimits:\n  call:\n    ring: 20\n".utf8)
                .write(to: URL(filePath: path))
            let given = ["VESTIBULE_DATA": "d", "VESTIBULE_LOOPS": "3", "VESTIBULE_LISTEN": ""]
            let configuration = try await ServerConfiguration.load(environment: given, file: path)
            #expect(configuration.loops == 3 && configuration.limits.call.ring == .seconds(20))
            let error = await #expect(throws: ConfigurationError.self) {
                try await ServerConfiguration.load(
                    environment: ["VESTIBULE_DATA": "d", "VESTIBULE_LOOPS": "none"],
                    file: path
                )
            }
            #expect(error?.file == nil)
        }

        @Test func `bounds that mean nothing together are refused`() async throws {
            for (key, value) in [
                ("limits.call.ringLeast", "200"), ("limits.session.callSilence", "3"),
                ("notifier.webhook.url", "https://x"), ("notifier.webhook.secret", "whsec_x"),
            ] {
                let variables = [
                    "VESTIBULE_DATA": "d", ServerConfiguration.variable(for: key): value,
                ]
                let error = await #expect(throws: ConfigurationError.self) {
                    try await ServerConfiguration.load(environment: variables, file: nil)
                }
                #expect(error?.description.hasPrefix(key) == true)
            }
        }

        @Test func `an unknown variable is a warning with the nearest one`() {
            let warnings = ServerConfiguration.warnings(
                about: [
                    "VESTIBULE_LISTN": "x", "VESTIBULE_LOOPS": "1", "PATH": "/bin",
                    "VESTIBULE_TOKEN": "vst_secret",
                ],
                besides: ["VESTIBULE_TOKEN"]
            )
            #expect(
                warnings == [
                    "VESTIBULE_LISTN is no setting and is ignored (did you mean VESTIBULE_LISTEN?)"
                ]
            )
        }

        @Test func `the binary refuses flags with 64, a file with 1, and warns of a variable`()
            async throws
        {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let file = scratch.path + "/typo.yaml"
            try Data("log:\n  level: debgu\n".utf8).write(to: URL(filePath: file))
            let data = ["serve", "--data", scratch.path + "/data"]
            for (arguments, status, words) in [
                (["--set", "limits.call.rnig=20"], Int32(64), "did you mean limits.call.ring?"),
                (["--set", "limits.session.heartbeat=0"], 64, "limits.session.heartbeat"),
                (["--set", "log.level=debgu"], 64, "did you mean debug?"),
                (["--set", "log.level="], 64, "key=value"),
                (["--loops", "0"], 64, "loops is a number from 1 to 64"),
                (["--config", file], 1, "log.level is one of"),
                (["--config", file + ".none"], 1, "cannot be read"),
            ] {
                let outcome = try await Binary.run(data + arguments)
                #expect(outcome.status == status && outcome.output.isEmpty, "\(arguments)")
                #expect(outcome.errors.contains(words), "\(outcome.errors)")
            }
            let warned = try await Binary.run(
                data + ["--listen", "nowhere"],
                environment: ["VESTIBULE_LISTN": "x"]
            )
            #expect(warned.status == 64)
            #expect(warned.errors.hasPrefix("vestibule: warning: VESTIBULE_LISTN is no setting"))
        }
    }
}
