// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleBasics
package import VestibuleStorage

/// The folder that holds everything of a server: `vestibule.db`, `keys/`, `pictures/`, `lock`.
///
/// Made with mode 0700; what is made in it is for its owner alone, whatever the umask says.
package struct DataFolder: Sendable {
    package let path: String

    /// Makes the folder and what belongs in it, where they are missing.
    package init(making path: String) throws(StoreError) {
        self.path = path
        for folder in [path, path + "/keys", path + "/pictures"] {
            guard mkdir(folder, 0o700) != 0, errno != EEXIST else { continue }
            throw .failed(detail: "cannot make the folder \(folder): \(reason(errno))")
        }
        // SQLite makes its other files with the mode of this one.
        close(try Self.openFile(database))
    }

    /// Takes a folder that holds a store already; makes nothing.
    package init(existing path: String) throws(StoreError) {
        self.path = path
        guard access(database, R_OK | W_OK) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw .missing(folder: path) }
            throw .failed(detail: "cannot open \(database): \(reason(errno))")
        }
    }

    package var database: String { path + "/vestibule.db" }

    /// Takes the folder for one server; throws `held` while another process has it.
    ///
    /// The lock goes with the process, however that ends.
    func lock() throws(StoreError) -> FolderLock {
        let descriptor = try Self.openFile(path + "/lock")
        var wanted = flock.whole
        guard fcntl(descriptor, OpenFileLock.set, &wanted) == 0 else {
            let failure = errno
            close(descriptor)
            if failure == EAGAIN || failure == EACCES { throw .held(folder: path) }
            throw .failed(detail: "cannot lock \(path)/lock: \(reason(failure))")
        }
        return FolderLock(descriptor)
    }

    /// Whether somebody has the folder's lock; asks without taking it, so that no server that starts
    /// meanwhile is refused.
    func isLocked() throws(StoreError) -> Bool {
        let descriptor = open(path + "/lock", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return false }
            throw .failed(detail: "cannot open \(path)/lock: \(reason(errno))")
        }
        defer { close(descriptor) }
        var asked = flock.whole
        guard fcntl(descriptor, OpenFileLock.get, &asked) == 0 else {
            throw .failed(detail: "cannot ask for \(path)/lock: \(reason(errno))")
        }
        return asked.l_type != Int16(F_UNLCK)
    }

    private static func openFile(_ path: String) throws(StoreError) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .failed(detail: "cannot open \(path): \(reason(errno))")
        }
        return descriptor
    }
}

/// Locks of an open file (Linux, fcntl(2)): unlike those of flock(2) they can be asked about, unlike
/// those of a process they go with the descriptor.
private enum OpenFileLock {
    /// `F_OFD_GETLK` and `F_OFD_SETLK`, which Glibc's headers hide without `_GNU_SOURCE`.
    static let get: Int32 = 36
    static let set: Int32 = 37
}

extension flock {
    /// The whole file, for one alone.
    fileprivate static var whole: flock {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        return lock
    }
}

/// A folder's lock while it is held.
final class FolderLock: Sendable {
    private let descriptor: Locked<Int32?>

    fileprivate init(_ descriptor: Int32) {
        self.descriptor = Locked(descriptor)
    }

    deinit { release() }

    /// Lets others have the folder; idempotent.
    func release() {
        let held = descriptor.withLock { held in
            defer { held = nil }
            return held
        }
        if let held { close(held) }
    }
}

private func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
