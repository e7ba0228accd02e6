// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics

/// Everything about a server that an operator decides.
///
/// Flags stand above environment variables (`VESTIBULE_…`), those above the file, that above the
/// defaults; ``load(environment:file:)`` reads all of them.
public struct ServerConfiguration: Sendable, Equatable {
    /// The folder that holds everything; made with mode 0700 where it is missing.
    public var data: String

    /// A numeric address, `localhost`, or `*` for all.
    public var host = "127.0.0.1"

    /// 0 chooses a free port.
    public var port = 8080

    /// Nil: no TLS.
    public var tls: TLSFilesSetting?

    /// Allows to listen beyond loopback without TLS.
    public var allowsInsecureListening = false

    /// Loop threads; each has its own sockets and calls.
    public var loops = 1

    /// Under load a loop sleeps this long after a turn, so that frames share a wake-up; zero: never.
    public var pace: Duration = .zero

    /// Serves `/metrics` to others than loopback.
    public var publicMetrics = false

    /// How a line of the log looks.
    public var logFormat = LogFormat.text

    /// The least important level that is written.
    public var logLevel = "info"

    /// Writes each push to the log: for development.
    public var notifiesLog = false

    /// Sends each push, signed, to a gateway of the operator.
    public var webhook: WebhookSetting?

    /// Every bound.
    public var limits = Limits()

    /// The defaults, over this folder.
    public init(data: String) {
        self.data = data
    }

    /// Where TLS reads its certificate chain and key (PEM).
    public struct TLSFilesSetting: Sendable, Equatable {
        /// The chain, the server's own certificate first.
        public var certificate: String

        /// Its private key.
        public var key: String

        /// Two files.
        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// A push gateway, and the secret that signs what it gets (Standard Webhooks, `whsec_…`).
    public struct WebhookSetting: Sendable, Equatable {
        /// Where it listens.
        public var url: String
        var secret: String

        /// A gateway and its secret.
        public init(url: String, secret: String) {
            self.url = url
            self.secret = secret
        }
    }

    /// How a line of the log looks.
    public enum LogFormat: String, Sendable, CaseIterable {
        case text
        case json
    }
}

/// A setting that means nothing.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// The key, and what is wrong with it; one line.
    public let description: String

    /// The file it stands in; nil for a flag or a variable.
    public let file: String?

    init(_ description: String, in file: String? = nil) {
        self.description = description
        self.file = file
    }
}
