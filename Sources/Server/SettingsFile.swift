// SPDX-License-Identifier: Apache-2.0

import Foundation
import Yams

/// The settings of a YAML file by their keys; a key that means nothing is an error, wherever it
/// stands.
struct SettingsFile {
    let path: String
    private(set) var values: [String: String] = [:]

    /// Reads and checks the file.
    ///
    /// Throws ``ConfigurationError`` with the file and the line.
    init(_ path: String) throws {
        self.path = path
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw ConfigurationError("\(path) cannot be read: \(Self.reason(error))", in: path)
        }
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            throw ConfigurationError("\(path) is no YAML: \(Self.reason(error))", in: path)
        }
        guard let root, !Self.isNothing(root) else { return }
        guard case .mapping(let mapping) = root else {
            throw fault(root, "a file of settings is a list of `key: value`")
        }
        try take(mapping, below: "")
    }

    private mutating func take(_ mapping: Node.Mapping, below section: String) throws {
        for (name, value) in mapping {
            guard let word = name.string else { throw fault(name, "a key is a word") }
            try take(value, for: section + word, named: name)
        }
    }

    private mutating func take(_ value: Node, for key: String, named name: Node) throws {
        let isKey = ServerConfiguration.keys.contains(key)
        let isSection = ServerConfiguration.keys.contains { $0.hasPrefix(key + ".") }
        guard isKey || isSection else {
            let hint = Nearest.hint(for: key, among: ServerConfiguration.keys)
            throw fault(name, "\(key) is no setting" + hint)
        }
        switch value {
        case .scalar where Self.isNothing(value): break
        case .scalar(let scalar) where isKey: values[key] = scalar.string
        case .mapping(let mapping) where isSection: try take(mapping, below: key + ".")
        default:
            throw fault(
                name,
                isKey ? "\(key) takes one value" : "\(key) is a section, its settings go below it"
            )
        }
    }

    private func fault(_ node: Node, _ words: String) -> ConfigurationError {
        let place = node.mark.map { "\(path):\($0.line)" } ?? path
        return ConfigurationError("\(place): \(words)", in: path)
    }

    /// A key whose value is left out, such as a section of which everything is commented out.
    private static func isNothing(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
        return scalar.string.isEmpty || scalar.string == "~" || scalar.string == "null"
    }

    private static func reason(_ error: any Error) -> String {
        let words = (error as? CocoaError)?.localizedDescription ?? "\(error)"
        return words.split(separator: "\n").first.map(String.init) ?? words
    }
}
