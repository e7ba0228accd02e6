// SPDX-License-Identifier: Apache-2.0

import CVestibuleSQLite
import Glibc
import VestibuleBasics

/// Sees what SQLite writes and syncs in one folder, and in which order.
///
/// SQLite's way to the files is put behind one that notes and passes on, for the whole process and
/// for good; a watch hears of its own folder only.
final class FileWatch: Sendable {
    enum Step: Sendable, Equatable {
        /// A file by the end of its name: `.db` or `.db-wal`.
        case wrote(String)
        case synced(String)

        /// Whatever the test notes beside them.
        case answered
    }

    private let folder: String

    init(_ folder: String) {
        self.folder = folder
        Spy.begin(folder)
    }

    deinit { Spy.end(folder) }

    var steps: [Step] { Spy.steps(folder) }

    func note(_ step: Step) { Spy.note(step, in: folder) }
}

/// The process' open files and who watches them.
private enum Spy {
    private struct File {
        let path: String
        let methods: UnsafePointer<sqlite3_io_methods>
    }

    /// Pointers that live as long as the process, or as their file is open.
    private struct State {
        var files: [UnsafeMutableRawPointer: File] = [:]
        var folders: [String: [FileWatch.Step]] = [:]
        var tables: [UnsafeRawPointer: UnsafePointer<sqlite3_io_methods>] = [:]
    }

    private nonisolated(unsafe) static let real = sqlite3_vfs_find(nil)
    private static let state = Locked(State())

    private static let isInstalled: Bool = {
        guard let real else { return false }
        let ours = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        ours.initialize(to: real.pointee)
        ours.pointee.pNext = nil
        ours.pointee.zName = UnsafePointer(strdup("watched"))
        ours.pointee.xOpen = { _, name, file, flags, found in
            Spy.open(name, file, flags, found)
        }
        return sqlite3_vfs_register(ours, 1) == SQLITE_OK
    }()

    static func begin(_ folder: String) {
        precondition(isInstalled, "SQLite takes a way to the files")
        state.withLock { $0.folders[folder] = [] }
    }

    static func end(_ folder: String) {
        state.withLock { $0.folders[folder] = nil }
    }

    static func steps(_ folder: String) -> [FileWatch.Step] {
        state.withLock { $0.folders[folder] ?? [] }
    }

    static func note(_ step: FileWatch.Step, in folder: String) {
        state.withLock { $0.folders[folder]?.append(step) }
    }

    private static func open(
        _ name: UnsafePointer<CChar>?,
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ flags: Int32,
        _ found: UnsafeMutablePointer<Int32>?
    ) -> Int32 {
        guard let real, let code = real.pointee.xOpen?(real, name, file, flags, found) else {
            return SQLITE_CANTOPEN
        }
        guard code == SQLITE_OK, let file, let name, let methods = file.pointee.pMethods else {
            return code
        }
        let path = String(cString: name)
        file.pointee.pMethods = state.withLock { state in
            state.files[UnsafeMutableRawPointer(file)] = File(path: path, methods: methods)
            if let table = state.tables[UnsafeRawPointer(methods)] { return table }
            let table = watching(methods.pointee)
            state.tables[UnsafeRawPointer(methods)] = table
            return table
        }
        return code
    }

    /// The same methods, those that matter noted first.
    private static func watching(
        _ methods: sqlite3_io_methods
    ) -> UnsafePointer<sqlite3_io_methods> {
        let table = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        table.initialize(to: methods)
        table.pointee.xWrite = { file, bytes, count, offset in
            Spy.methods(of: file) { .wrote($0) }?.pointee.xWrite?(file, bytes, count, offset)
                ?? SQLITE_IOERR
        }
        table.pointee.xSync = { file, flags in
            let code = Spy.methods(of: file, nil)?.pointee.xSync?(file, flags) ?? SQLITE_IOERR
            if code == SQLITE_OK { _ = Spy.methods(of: file) { .synced($0) } }
            return code
        }
        table.pointee.xClose = { file in
            let methods = Spy.methods(of: file, nil)
            if let file { Spy.state.withLock { $0.files[UnsafeMutableRawPointer(file)] = nil } }
            return methods?.pointee.xClose?(file) ?? SQLITE_IOERR
        }
        return UnsafePointer(table)
    }

    /// The real methods of a file; notes what is done to it.
    private static func methods(
        of file: UnsafeMutablePointer<sqlite3_file>?,
        _ step: ((String) -> FileWatch.Step)?
    ) -> UnsafePointer<sqlite3_io_methods>? {
        guard let file else { return nil }
        return state.withLock { state in
            guard let found = state.files[UnsafeMutableRawPointer(file)] else { return nil }
            if let step {
                for folder in state.folders.keys where found.path.hasPrefix(folder + "/") {
                    let name = found.path.drop { $0 != "." }
                    state.folders[folder]?.append(step(String(name)))
                }
            }
            return found.methods
        }
    }
}
