// SPDX-License-Identifier: Apache-2.0

package import VestibuleWire

/// Fetches the directory page by page, and from the start again where it changed meanwhile.
package struct DirectoryDownload: Sendable, Equatable {
    /// What to do next.
    package enum Step: Sendable, Equatable {
        case ask(DirectoryGet)

        /// The directory is whole.
        case done(PanelDirectory)

        /// What is held is the newest.
        case unchanged

        /// It changed too often; the next `directory.changed` tries again.
        case gaveUp
    }

    /// More than any building has; a server that sends more is broken.
    private static let most = 100_000
    private static let restarts = 8

    /// What is held.
    package private(set) var held: PanelDirectory?
    private var version: Int?
    private var entries: [DirectoryEntry] = []
    private var restarted = 0

    package init() {}

    /// Begins a download.
    package mutating func begin() -> Step {
        restarted = 0
        return restart()
    }

    /// A page came.
    package mutating func received(_ page: DirectoryPage?) -> Step {
        guard let page else { return .gaveUp }
        guard let more = page.entries else { return .unchanged }
        guard version == nil || version == page.version else { return changed() }
        guard entries.count + more.count <= Self.most else { return .gaveUp }
        version = page.version
        entries += more
        if let next = page.next {
            // A page without entries that names another one would be fetched for ever.
            return more.isEmpty ? .gaveUp : .ask(DirectoryGet(cursor: next))
        }
        let whole = PanelDirectory(version: page.version, entries: entries)
        held = whole
        entries = []
        return .done(whole)
    }

    /// The server says `changed_meanwhile`.
    package mutating func changed() -> Step {
        restarted += 1
        return restarted > Self.restarts ? .gaveUp : restart()
    }

    private mutating func restart() -> Step {
        version = nil
        entries = []
        return .ask(DirectoryGet(have: held?.version))
    }
}
