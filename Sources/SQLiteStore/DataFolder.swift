// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleBasics
package import VestibuleStorage

/// The folder that holds everything of a server: `vestibule.db`, `keys/`, `pictures/`, `lock`.
///
/// Made with mode 0700; what is made in it is for its owner alone, whatever the umask says.
package struct DataFolder: Sendable {
    package let path: String

    private init(_ path: String) {
        self.path = path
    }

    /// Makes the folder and what belongs in it, where they are missing, and takes it for one
    /// server; throws `held` while another process has it.
    ///
    /// Nothing of it but `lock` is opened before it is held: closing any descriptor of a database
    /// gives back all locks that this process has on it. A folder that others may enter is
    /// closed to them; one that holds other things than a store's is somebody else's: `notEmpty`.
    static func make(_ path: String) throws(StoreError) -> (DataFolder, FolderLock) {
        let folder = DataFolder(path)
        try refuseForeign(path)
        try makeFolder(path)
        let lock = try folder.lock()
        do throws(StoreError) {
            for name in ["/keys", "/pictures"] { try makeFolder(path + name) }
            // SQLite makes its other files with the mode of this one.
            close(try openFile(folder.database))
        } catch {
            lock.release()
            throw error
        }
        return (folder, lock)
    }

    /// Refuses a folder in which there is something, but no store: `/tmp`, say.
    private static func refuseForeign(_ path: String) throws(StoreError) {
        guard let listing = opendir(path) else { return }
        defer { closedir(listing) }
        var isEmpty = true
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "vestibule.db" || name == "lock" || name == "vestibule.yaml" { return }
            if name != ".", name != ".." { isEmpty = false }
        }
        guard isEmpty else { throw .notEmpty(folder: path) }
    }

    /// A folder for its owner alone; one that is there is made so.
    private static func makeFolder(_ path: String) throws(StoreError) {
        if mkdir(path, 0o700) == 0 { return }
        guard errno == EEXIST else {
            throw .failed(detail: "cannot make the folder \(path): \(reason(errno))")
        }
        var found = stat()
        guard stat(path, &found) == 0 else {
            throw .failed(detail: "cannot look at \(path): \(reason(errno))")
        }
        guard found.st_mode & 0o077 != 0 else { return }
        guard chmod(path, 0o700) == 0 else {
            throw .failed(
                detail: "others may read \(path), and that cannot be changed: \(reason(errno)); "
                    + "it must be of mode 0700"
            )
        }
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

    /// Writes the database as it is now into a file beside it, through a connection to it, and
    /// answers that file's path; an older copy of the same version is replaced.
    func copyDatabase(_ connection: Connection, version: Int) throws(StoreError) -> String {
        let copy = "\(database).before-\(version)"
        let part = copy + ".part"
        unlink(part)
        close(try Self.openFile(part))
        try connection.prepare("VACUUM INTO ?1").run(part)
        guard rename(part, copy) == 0 else {
            throw .failed(detail: "cannot make \(copy): \(reason(errno))")
        }
        return copy
    }

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
