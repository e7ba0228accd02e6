// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics
import VestibuleTransport
public import VestibuleWire

/// What a client can be told besides where to connect and as whom.
public struct ClientOptions: Sendable {
    /// Whom to believe that it is the server.
    public var trust = ServerTrust.system

    /// What the device can show and say, for the other side's encoder.
    public var media: MediaAbilities?

    /// For the operator's eyes.
    public var model: String?

    /// The same.
    public var version: String?

    /// What an earlier process of this client remembered; without it a panel's call ends.
    public var resume: Resume?

    /// How long `connect` waits for the first welcome.
    public var patience: Duration = .seconds(30)

    /// Events that wait for a slow reader; beyond it the oldest are dropped and counted.
    public var eventBuffer = 1_024

    /// Frames that wait for a slow reader: about two seconds of a call.
    public var mediaBuffer = 128

    /// The defaults.
    public init() {}

    /// What `hello` says.
    func device(id: String) -> HelloDevice {
        HelloDevice(id: id, model: model, version: version, media: media)
    }
}

/// Whom a client believes that it is the server.
public enum ServerTrust: Sendable, Equatable {
    /// Whom the system's authorities vouch for.
    case system

    /// Whom the authorities of a PEM file vouch for, and nobody else.
    case file(String)

    /// Anybody: for tests and benches.
    case anyone

    var transport: WebSocketTrust {
        switch self {
        case .system: .system
        case .file(let path): .file(path)
        case .anyone: .insecure
        }
    }
}

/// Why there is no client.
public enum ClientError: Error, Sendable, Equatable {
    /// No `ws://` or `wss://` address.
    case badAddress(String)

    /// The system lacks something; the text is for the person who starts the program.
    case unavailable(String)

    /// No welcome came in time.
    case unreachable

    /// The server wants no such client.
    case refused(ConnectionEnd)
}

/// A frame of the other side, for a decoder.
public struct MediaFrame: Sendable, Equatable {
    /// Its kind, number and time.
    public let header: MediaHeader

    /// One Opus packet or one VP8 frame.
    public let payload: [UInt8]

    /// When it came, by this process' monotonic clock.
    ///
    /// Timestamps of sound and picture count from unrelated beginnings: only arrival says how the
    /// two belong together.
    public let arrived: Moment

    package init(header: MediaHeader, payload: [UInt8], arrived: Moment) {
        self.header = header
        self.payload = payload
        self.arrived = arrived
    }
}

/// What a video encoder should make now; read before each frame.
public struct VideoTarget: Sendable, Equatable {
    /// Bits per second; 0: nothing may be sent now, so nothing need be encoded.
    public let bitsPerSecond: Int

    /// The next frame must be a key frame like this; nil: it need not be one.
    public let keyFrame: KeyFrameDemand?

    /// Nothing may be sent.
    static let nothing = VideoTarget(bitsPerSecond: 0, keyFrame: nil)
}

/// What a client dropped because its readers were slow.
public struct ClientDrops: Sendable, Equatable {
    /// Events that nobody read in time.
    public internal(set) var events = 0

    /// Media frames that nobody read in time.
    public internal(set) var frames = 0
}
