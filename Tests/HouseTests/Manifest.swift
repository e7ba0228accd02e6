// SPDX-License-Identifier: Apache-2.0

/// The targets of Package.swift, read from its text in the form in which it is written here.
struct Manifest: Sendable {
    /// What a target is.
    enum Kind: Sendable {
        case room
        case library
        case executable
        case tests
    }

    /// One target.
    struct Target: Sendable {
        let kind: Kind

        /// Without the prefix; that of a C module has it.
        let name: String

        /// Other targets and products of packages, named as they are imported.
        let dependencies: [String]

        /// The Debian package of a system library.
        let apt: String?

        /// The line, counted from 1, in Package.swift.
        let line: Int

        /// The target's name in Package.swift, which is the module's.
        var module: String {
            switch kind {
            case .room: "Vestibule" + name
            case .tests: "Vestibule" + name
            case .library, .executable: name
            }
        }
    }

    let targets: [Target]

    init(_ text: String) {
        let code = String(decoding: Scanner.blanked(text, keepingStrings: true), as: UTF8.self)
        guard let start = code.firstRange(of: "\n    targets: [") else {
            targets = []
            return
        }
        let products = Self.products(code[..<start.lowerBound])
        var found: [Target] = []
        var rest = code[start.upperBound...]
        while let (head, body, after) = Self.nextCall(rest) {
            let line = code[..<body.startIndex].count { $0 == "\n" } + 1
            if let target = Self.target(head, body, line: line, products: products) {
                found.append(target)
            }
            rest = after
        }
        targets = found
    }

    /// The target with this module, if there is one.
    func target(_ module: String) -> Target? { targets.first { $0.module == module } }

    /// Everything that `target` reaches, following the arrows.
    func reach(of target: Target) -> Set<String> {
        var reached: Set<String> = []
        var waiting = target.dependencies
        while let name = waiting.popLast() {
            guard reached.insert(name).inserted else { continue }
            waiting += self.target(name)?.dependencies ?? []
        }
        return reached
    }

    /// The constants that stand for products: `let logging = Target.Dependency.product(…)`.
    private static func products(_ code: Substring) -> [String: String] {
        var products: [String: String] = [:]
        for part in code.split(separator: "let ", omittingEmptySubsequences: false).dropFirst() {
            guard let name = part.split(separator: " ").first,
                part.contains("Target.Dependency.product("), let product = literals(part).first
            else { continue }
            products[String(name)] = product
        }
        return products
    }

    /// The next call at the outermost level: what is called, its arguments, and what follows it.
    private static func nextCall(
        _ code: Substring
    ) -> (head: Substring, body: Substring, rest: Substring)? {
        guard let open = code.firstIndex(of: "(") else { return nil }
        let head = code[..<open].split { !$0.isLetter }.last ?? ""
        var depth = 0
        for index in code[open...].indices {
            if code[index] == "(" { depth += 1 }
            if code[index] == ")" { depth -= 1 }
            if depth == 0 {
                let after = code.index(after: index)
                return (head, code[code.index(after: open)..<index], code[after...])
            }
        }
        return nil
    }

    private static func target(
        _ head: Substring,
        _ body: Substring,
        line: Int,
        products: [String: String]
    ) -> Target? {
        guard let name = literals(body).first else { return nil }
        let kind: Kind
        switch head {
        case "room": kind = .room
        case "tests": kind = .tests
        case "library", "target": kind = .library
        case "executableTarget": kind = .executable
        default: return nil
        }
        let apt = body.split(separator: "apt:").dropFirst().first.flatMap { literals($0).first }
        return Target(
            kind: kind,
            name: (head == "library" ? "CVestibule" : "") + name + (kind == .tests ? "Tests" : ""),
            dependencies: dependencies(body, products: products),
            apt: apt,
            line: line
        )
    }

    /// The names in the first brackets.
    private static func dependencies(
        _ body: Substring,
        products: [String: String]
    ) -> [String] {
        guard let open = body.firstIndex(of: "["), let close = body.firstIndex(of: "]"),
            open < close
        else { return [] }
        return body[body.index(after: open)..<close].split(separator: ",").compactMap { part in
            let name = String(part.filter { !$0.isWhitespace })
            if name.isEmpty { return nil }
            return literals(part).first ?? products[name] ?? name
        }
    }

    private static func literals(_ code: Substring) -> [String] {
        code.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}
