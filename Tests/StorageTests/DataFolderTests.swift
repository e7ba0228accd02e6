// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing
import VestibuleBasics
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleTestKit

@Suite(.timeLimit(.minutes(1)))
struct DataFolderTests {
    private let scratch = Scratch()

    private func mode(_ name: String = "") throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: scratch.path + name)[.posixPermissions]
            as? Int
    }

    @Test func `a folder that others may read is closed to them`() async throws {
        try scratch.makeFolder(mode: 0o755)
        #expect(try mode() == 0o755)
        let inside = try await scratch.with { _ in try [mode(), mode("/keys")] }
        #expect(inside == [0o700, 0o700])
    }

    @Test func `a folder that holds something else is left as it is`() async throws {
        try scratch.makeFolder(mode: 0o755)
        _ = FileManager.default.createFile(atPath: scratch.path + "/letters", contents: nil)
        await #expect(throws: StoreError.notEmpty(folder: scratch.path)) {
            try await scratch.open()
        }
        #expect(try mode() == 0o755)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["letters"]
        )
    }

    /// What another process would find locked of the database, by a lock of its own kind.
    private func isLocked(_ descriptor: Int32) -> Bool {
        let getLock: Int32 = 36  // F_OFD_GETLK
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = 0x4000_0000  // Where SQLite's locks lie.
        lock.l_len = 512
        let answer = withUnsafeMutablePointer(to: &lock) { fcntl(descriptor, getLock, $0) }
        return answer == 0 && lock.l_type != Int16(F_UNLCK)
    }

    @Test func `a second server leaves the first its locks`() async throws {
        try await scratch.with { store in
            try await store.save(SeededBuilding(seed: 1).rows)
            let descriptor = open(scratch.database, O_RDWR)
            defer { close(descriptor) }
            #expect(isLocked(descriptor), "a store in use holds a lock")
            await #expect(throws: StoreError.held(folder: scratch.path)) {
                try await scratch.open()
            }
            #expect(isLocked(descriptor), "the second server's try gave it back")
        }
    }
}
