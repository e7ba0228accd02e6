// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleWire

/// What libFuzzer calls first: writes the golden vectors to the folder that VESTIBULE_FUZZ_SEEDS
/// names, where they are the corpus to begin with.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>?,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
    guard let folder = getenv("VESTIBULE_FUZZ_SEEDS") else { return 0 }
    for (number, seed) in seeds.enumerated() {
        write(seed, to: String(cString: folder) + "/golden-" + String(number))
    }
    return 0
}

private var seeds: [[UInt8]] {
    let messages =
        ClientVector.all.map { Array($0.json.utf8) } + ServerVector.all.map { Array($0.json.utf8) }
    let opus: [UInt8] = [0xFB, 0xC3, 2, 3, 4, 5, 6, 7, 8, 9]
    let video: [UInt8] = [0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01, 0, 0]
    let frames = [
        frame(.audio, [], opus),
        frame(.video, .key, video),
        frame(.scan, .key, handle: 0, video),
        frame(.report, [], [UInt8](repeating: 1, count: 16)),
    ]
    // Heads of a client's WebSocket frames, with lengths of one, two and eight bytes.
    let key: [UInt8] = [1, 2, 3, 4]
    let heads: [[UInt8]] = [
        [0x81, 0x85] + key, [0x02, 0xFE, 1, 0] + key, [0x89, 0xFD] + key,
        [0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0] + key,
        [0x82, 0xFF, 0x7F, 255, 255, 255, 255, 255, 255, 0xF1] + key,
    ]
    return messages + frames + heads + [opus, video, Array("2026-11-21T10:12:00.000+01:00".utf8)]
}

private func frame(
    _ kind: MediaKind,
    _ flags: MediaFlags,
    handle: UInt32 = 7,
    _ payload: [UInt8]
) -> [UInt8] {
    MediaHeader(kind: kind, flags: flags, sequence: 1, handle: handle, timestamp: 960)
        .frame(payload)
}

private func write(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "w") else {
        preconditionFailure("no seed can be written: " + path)
    }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}
