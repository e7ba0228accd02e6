// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import VestibuleBasics
import VestibuleEventLoop
import VestibuleServer

/// Log lines on stderr, as text for people or as JSON, one object a line.
struct LogOutput: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    let format: ServerConfiguration.LogFormat

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
            .map { ($0.key, "\($0.value)") }.sorted { $0.0 < $1.0 }
        let time = EventLoop.readNow().time.rfc3339
        switch format {
        case .text:
            let rest = all.map { " \($0.0)=\($0.1)" }.joined()
            Console.note("\(time) \(event.level) \(event.message)\(rest)")
        case .json:
            var object = ["time": time, "level": "\(event.level)", "message": "\(event.message)"]
            object.merge(all) { first, _ in first }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            if let data = try? encoder.encode(object) {
                Console.note(String(decoding: data, as: UTF8.self))
            }
        }
    }

    static func logger(for configuration: ServerConfiguration) -> Logger {
        let level = Logger.Level(rawValue: configuration.logLevel) ?? .info
        return Logger(label: "vestibule") { _ in
            LogOutput(logLevel: level, format: configuration.logFormat)
        }
    }
}
