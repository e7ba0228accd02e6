// SPDX-License-Identifier: Apache-2.0

/// A page of `/metrics`: each sample by its name with its labels, as it is written there.
struct Metrics: Sendable {
    let page: String
    private let samples: [Substring: Double]

    init(_ page: String) {
        self.page = page
        samples = Dictionary(
            page.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
                guard let space = line.lastIndex(of: " "),
                    let value = Double(line[line.index(after: space)...])
                else { return nil }
                return (line[..<space], value)
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// What a sample shows; 0 where the server has not counted any.
    subscript(name: String) -> Int { Int(samples[Substring(name)] ?? 0) }

    func closes(_ code: Int) -> Int { self["vestibule_closes_total{code=\"\(code)\"}"] }
    func refusals(_ code: String) -> Int { self["vestibule_refusals_total{code=\"\(code)\"}"] }
}
