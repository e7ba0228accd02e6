// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleCodecs
import VestibuleSimulators

@Suite struct WebMTests {
    private static let hasProbe = FileManager.default.isExecutableFile(atPath: "/usr/bin/ffprobe")
    private static let hasFFmpeg = FileManager.default.isExecutableFile(atPath: "/usr/bin/ffmpeg")

    private func frame(
        _ kind: WebM.Kind,
        _ time: Int,
        key: Bool = true,
        _ bytes: [UInt8]
    ) -> WebM.Frame {
        WebM.Frame(kind: kind, milliseconds: time, isKey: key, bytes: bytes)
    }

    /// Three seconds of a call, really encoded.
    private func call() throws -> (muxer: WebMMuxer, video: Int, audio: Int) {
        var muxer = WebMMuxer(video: WebM.Size(width: 320, height: 240), hasAudio: true)
        let camera = MovingPicture(width: 320, height: 240, label: "Main entrance")
        let encoder = try VP8Encoder(
            width: 320,
            height: 240,
            fps: 15,
            kilobits: 200,
            mayDrop: false
        )
        for index in 0..<45 {
            let encoded = try #require(
                try encoder.encode(
                    camera.frame(at: index),
                    timestamp: UInt32(index * 6_000),
                    forceKey: index % 30 == 0
                )
            )
            muxer.add(frame(.video, index * 1_000 / 15, key: encoded.isKey, encoded.bytes))
        }
        let opus = try OpusVoiceEncoder(bitrate: 24_000)
        let voice = SynthesisedVoice(.guest)
        for index in 0..<150 {
            muxer.add(frame(.audio, index * 20, try opus.encode(voice.samples(at: index))))
        }
        return (muxer, 45, 150)
    }

    @Test func `a file reads back as it was written, by time`() throws {
        var muxer = WebMMuxer(video: WebM.Size(width: 640, height: 480), hasAudio: true)
        let frames = [
            frame(.audio, 0, [1]), frame(.video, 10, [2, 2]), frame(.audio, 20, [3]),
            frame(.video, 76, key: false, [UInt8](repeating: 4, count: 40_000)),
            frame(.video, 2_000, [5]), frame(.audio, 2_000, [6]), frame(.audio, 9_999, []),
        ]
        for frame in frames.reversed() { muxer.add(frame) }
        let file = try WebMReader(muxer.file())
        var ordered = frames
        ordered.swapAt(4, 5)
        #expect(file.frames == ordered)
        #expect(file.duration == 10_019)
    }

    @Test func `the tracks say what a player needs`() throws {
        let muxer = WebMMuxer(video: WebM.Size(width: 640, height: 480), hasAudio: true)
        let tracks = try WebMReader(muxer.file()).tracks
        #expect(tracks.map(\.kind) == [.video, .audio])
        #expect(tracks.map(\.codec) == ["V_VP8", "A_OPUS"])
        #expect(tracks[0].size == WebM.Size(width: 640, height: 480))
        #expect((tracks[1].rate, tracks[1].channels) == (48_000, 1))
        #expect(tracks[1].codecDelay == 6_500_000)
        #expect(tracks[1].seekPreRoll == 80_000_000)
        let head: [UInt8] = [1, 1, 0x38, 0x01, 0x80, 0xBB, 0, 0, 0, 0, 0]
        #expect(tracks[1].codecPrivate == Array("OpusHead".utf8) + head)
    }

    @Test func `video before its first key frame is left out`() throws {
        var muxer = WebMMuxer(video: WebM.Size(width: 64, height: 64), hasAudio: true)
        muxer.add(frame(.video, 0, key: false, [1]))
        muxer.add(frame(.audio, 5, [2]))
        muxer.add(frame(.video, 66, [3]))
        #expect(try WebMReader(muxer.file()).frames.map(\.bytes) == [[2], [3]])
    }

    @Test func `sound alone makes a file, in clusters of five seconds`() throws {
        var muxer = WebMMuxer(video: nil, hasAudio: true)
        for index in 0..<600 { muxer.add(frame(.audio, index * 20, [UInt8(index % 256)])) }
        let bytes = muxer.file()
        let file = try WebMReader(bytes)
        #expect(file.tracks.map(\.kind) == [.audio])
        #expect(file.frames.map(\.milliseconds) == (0..<600).map { $0 * 20 })
        let identifier: [UInt8] = [0x1F, 0x43, 0xB6, 0x75]
        let clusters = bytes.indices.dropLast(3).filter { Array(bytes[$0..<$0 + 4]) == identifier }
        #expect(clusters.count == 3)
    }

    @Test(.enabled(if: hasProbe)) func `ffprobe counts every frame and finds no fault`() throws {
        let call = try call()
        let folder = try ScratchFolder()
        let path = try folder.write(call.muxer.file(), to: "call.webm")
        let probe = try run(
            "/usr/bin/ffprobe",
            [
                "-v", "warning", "-count_frames", "-show_entries",
                "stream=codec_name,nb_read_frames,width,height,sample_rate,channels:format=duration",
                "-of", "default=noprint_wrappers=1", path,
            ]
        )
        #expect(probe.errors == "")
        let lines = probe.output.split(separator: "\n").map(String.init)
        #expect(lines.contains("codec_name=vp8") && lines.contains("codec_name=opus"))
        #expect(lines.contains("width=320") && lines.contains("height=240"))
        #expect(lines.contains("sample_rate=48000") && lines.contains("channels=1"))
        #expect(
            lines.filter { $0.hasPrefix("nb_read") }
                == ["nb_read_frames=\(call.video)", "nb_read_frames=\(call.audio)"]
        )
        #expect(lines.contains("duration=3.000000"))
    }

    @Test(.enabled(if: hasProbe)) func `seeking by the cues finds the key frame`() throws {
        let folder = try ScratchFolder()
        let path = try folder.write(try call().muxer.file(), to: "call.webm")
        let probe = try run(
            "/usr/bin/ffprobe",
            [
                "-v", "warning", "-select_streams", "v", "-read_intervals", "2.5%+#1",
                "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0", path,
            ]
        )
        #expect(probe.errors == "")
        #expect(probe.output.hasPrefix("2.000000,K"))
    }

    @Test(.enabled(if: hasFFmpeg), arguments: ["whole", "streamed"])
    func `a file of somebody else's is read`(form: String) throws {
        let folder = try ScratchFolder()
        let path = folder.path("other.webm")
        let live = form == "streamed" ? ["-live", "1"] : []
        let made = try run(
            "/usr/bin/ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=15:duration=2", "-f",
                "lavfi", "-i", "sine=frequency=300:duration=2", "-c:v", "libvpx", "-c:a", "libopus",
                "-f", "webm",
            ] + live + [path]
        )
        try #require(made.errors == "")
        let file = try WebMReader(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        #expect(file.tracks.map(\.codec) == ["V_VP8", "A_OPUS"])
        let video = file.frames.filter { $0.kind == .video }
        #expect(video.count == 30)
        #expect(video.first?.isKey == true)
        let decoder = try VP8Decoder()
        for frame in video { #expect(try decoder.decode(frame.bytes)?.width == 160) }
        #expect(file.frames.filter { $0.kind == .audio }.count >= 100)
    }

    @Test func `what is no WebM is refused`() {
        #expect(throws: WebMError.notWebM) { try WebMReader([]) }
        #expect(throws: WebMError.notWebM) { try WebMReader([0x42, 0x86, 0x81, 1]) }
        // An EBML header whose type is "text".
        let other: [UInt8] = [0x1A, 0x45, 0xDF, 0xA3, 0x87, 0x42, 0x82, 0x84] + Array("text".utf8)
        #expect(throws: WebMError.notWebM) { try WebMReader(other) }
        let short: [UInt8] = [0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42]
        #expect(throws: WebMError.truncated) { try WebMReader(short) }
    }

    @Test func `damaged files are errors or values, never a trap`() throws {
        let whole = try call().muxer.file()
        // The head is where the structure is; frames fill the rest.
        let head = 600
        var random = SeededGenerator(seed: 0xEB31)
        var refused = 0
        for round in 0..<1_500 {
            var bytes =
                round % 3 == 0 ? Array(whole.prefix(head + round)) : Array(whole.prefix(8_000))
            for _ in 0...Int.random(in: 0...5, using: &random) {
                let place = Int.random(
                    in: 0..<(round % 2 == 0 ? head : bytes.count),
                    using: &random
                )
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            do {
                let file = try WebMReader(bytes)
                #expect(file.frames.allSatisfy { $0.milliseconds >= 0 })
            } catch {
                refused += 1
            }
        }
        #expect(refused > 100)
    }
}

/// A folder for one test, removed with it.
private final class ScratchFolder {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "webm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path() }

    func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: url.appending(path: name))
        return path(name)
    }
}

/// Runs a program to its end; its output is small.
private func run(
    _ program: String,
    _ arguments: [String]
) throws -> (output: String, errors: String) {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    let complained = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: said, as: UTF8.self), String(decoding: complained, as: UTF8.self))
}
