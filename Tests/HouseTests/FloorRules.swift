// SPDX-License-Identifier: Apache-2.0

/// The arrows between the rooms.
struct FloorRules {
    let manifest: Manifest

    /// Arrows that point up, to a side room, or to a C library of another room's.
    func findings() -> [Finding] {
        manifest.targets.flatMap { target in
            target.kind == .tests || target.kind == .library ? [] : arrows(of: target)
        }
    }

    private func arrows(of target: Manifest.Target) -> [Finding] {
        guard let index = Room.all.firstIndex(where: { $0.name == target.name }) else {
            return [finding(target, "`\(target.name)` has no row in Rooms.swift: give it a floor.")]
        }
        let direct = target.dependencies.compactMap { dependency in
            complaint(about: dependency, from: index).map { finding(target, $0) }
        }
        return direct + purity(of: target)
    }

    private func complaint(about dependency: String, from index: Int) -> String? {
        let room = Room.all[index]
        if let custodians = Room.custodians[dependency] {
            return custodians.contains(room.name)
                ? nil
                : "only \(custodians.sorted().joined(separator: ", ")) may use \(dependency)."
        }
        let name = dependency.hasPrefix("Vestibule") ? String(dependency.dropFirst(9)) : dependency
        guard let other = Room.all.firstIndex(where: { $0.name == name }) else { return nil }
        let used = Room.all[other]
        if used.floor > room.floor || (used.floor == room.floor && other >= index) {
            return
                "arrows point down: floor \(room.floor) may not use \(name), floor \(used.floor)."
        }
        if used.side, !room.side, room.floor < 5 {
            return "\(name) is a side room: only executables and side rooms use it."
        }
        if name == "TestKit", !Room.testers.contains(room.name) {
            return "no shipped target reaches TestKit."
        }
        return nil
    }

    private func purity(of target: Manifest.Target) -> [Finding] {
        guard Room.pure.contains(target.name) else { return [] }
        let dirty = manifest.reach(of: target).filter { module in
            module.hasPrefix("CVestibule")
                || !(module.hasPrefix("Vestibule")
                    && Room.pure.contains(String(module.dropFirst(9))))
        }
        return dirty.sorted().map { module in
            finding(target, "\(target.name) decides, it may not reach \(module).")
        }
    }

    private func finding(_ target: Manifest.Target, _ message: String) -> Finding {
        Finding(path: "Package.swift", line: target.line, message: message)
    }
}

/// What a file may import.
struct ImportRules {
    let manifest: Manifest

    /// Imports that the file's room may not have.
    func findings(in file: SourceFile) -> [Finding] {
        guard file.path != "Package.swift" else { return [] }
        return file.codeLines.enumerated().compactMap { index, line in
            guard let module = Self.module(importedBy: line),
                let message = complaint(about: module, in: file.place)
            else { return nil }
            return Finding(path: file.path, line: index + 1, message: message)
        }
    }

    /// The module that a line imports, whatever stands before the word.
    static func module(importedBy line: String) -> String? {
        var words = line.split(separator: " ")
        guard let position = words.firstIndex(of: "import"),
            words[..<position].allSatisfy({ $0.hasPrefix("@") || levels.contains($0) })
        else { return nil }
        words.removeFirst(position + 1)
        if let first = words.first, symbols.contains(first) { words.removeFirst() }
        return words.first?.split(separator: ".").first.map(String.init)
    }

    private static let levels: Set<Substring> = ["public", "package", "internal", "private"]
    private static let symbols: Set<Substring> = [
        "actor", "class", "enum", "func", "let", "protocol", "struct", "typealias", "var",
    ]

    private func complaint(about module: String, in place: Place) -> String? {
        if place.zone == .test { return testComplaint(about: module, in: place) }
        if let custodians = Room.custodians[module] {
            return custodians.contains(place.name)
                ? nil
                : "only \(custodians.sorted().joined(separator: ", ")) may import \(module)."
        }
        let name = place.zone == .room ? "Vestibule" + place.name : place.name
        let declared = manifest.target(name)?.dependencies ?? []
        let system = Room.named(place.name)?.system ?? []
        if declared.contains(module) || system.contains(module) { return nil }
        return "\(place.name) may not import \(module): declare it in Package.swift if it lies "
            + "below, or give the room the system module in Rooms.swift with a reason."
    }

    /// Tests may read back with a C library what a room wrote with it, if Package.swift says so;
    /// folders without a target (the fuzzer's) are built from one room's files.
    private func testComplaint(about module: String, in place: Place) -> String? {
        guard let target = manifest.target("Vestibule" + place.name) else { return nil }
        if target.dependencies.contains(module) || Room.forTests.contains(module) { return nil }
        return "\(place.name) may not import \(module): declare it in Package.swift."
    }
}
