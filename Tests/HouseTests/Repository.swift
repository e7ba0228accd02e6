// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The working tree that these tests were compiled from.
enum Repository {
    /// The folder of Package.swift.
    static let root: String = {
        var url = URL(filePath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url.path(percentEncoded: false)
    }()

    /// The folders whose files the house keeps tidy.
    static let folders = [".ci", "Certs", "Deploy", "LoadTests", "Sources", "Tests"]

    /// Every text file below ``folders``, and those beside Package.swift, as paths from the root.
    static let files: [String] = {
        let manager = FileManager.default
        var found = (try? manager.contentsOfDirectory(atPath: root)) ?? []
        found.removeAll { isFolder($0) || $0.hasPrefix(".") }
        for folder in folders {
            let below = manager.enumerator(atPath: root + folder)
            while let path = below?.nextObject() as? String {
                let whole = folder + "/" + path
                if !whole.contains("/out/"), !whole.contains("/.build"), !isFolder(whole) {
                    found.append(whole)
                }
            }
        }
        return found.filter(isText).sorted()
    }()

    /// Every Swift file, read.
    static let sources: [SourceFile] = files.filter { $0.hasSuffix(".swift") }.map { path in
        SourceFile(path: path, text: text(of: path) ?? "")
    }

    /// What the file holds, or nil if there is none.
    static func text(of path: String) -> String? {
        try? String(contentsOfFile: root + path, encoding: .utf8)
    }

    /// The names of the folders directly inside `folder`.
    static func subfolders(of folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root + folder)) ?? []
        return names.filter { isFolder(folder + "/" + $0) }.sorted()
    }

    static func isFolder(_ path: String) -> Bool {
        var folder: ObjCBool = false
        return FileManager.default.fileExists(atPath: root + path, isDirectory: &folder)
            && folder.boolValue
    }

    /// Told by its name: scripts have none after a dot.
    private static func isText(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: ".") else { return true }
        let kinds: Set<Substring> = [
            "apinotes", "c", "h", "html", "js", "md", "modulemap", "sql", "swift", "txt", "yaml",
        ]
        return kinds.contains(name[name.index(after: dot)...])
    }
}
