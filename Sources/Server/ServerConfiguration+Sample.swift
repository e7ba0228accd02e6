// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension ServerConfiguration {
    /// The commented sample that `vestibule config` prints: every key with its default.
    public static var sample: String {
        """
        # Vestibule \(vestibuleVersion): every setting with its default.
        # Flags stand above environment variables, those above this file. The variable of a key is
        # VESTIBULE_ and the key in capitals: tls.certificate is VESTIBULE_TLS_CERTIFICATE.

        # The folder that holds everything: store, keys, pictures. Mode 0700.
        # data: /var/lib/vestibule

        # HOST:PORT. Without TLS it must be on loopback; 8443 is the default with TLS.
        # listen: 127.0.0.1:8080

        # Certificate chain and key, PEM. Read again on SIGHUP; a bad pair keeps the old one.
        # tls:
        #   certificate: Certs/server.pem
        #   key: Certs/server-key.pem

        # Allows to listen beyond loopback without TLS: only behind something that does it.
        # insecureListen: false

        # Loop threads. Sockets and calls are spread over them; one carries hundreds of calls.
        # loops: 1

        # Seconds a busy loop may sleep after a turn, so that frames share a wake-up: 0.001 saves a
        # third of the CPU for a millisecond that nobody hears. 0 is off.
        # pace: 0

        # Serves /metrics to others than loopback.
        # metrics:
        #   public: false

        # log:
        #   format: text    # or json, one object a line
        #   level: info

        # notifier:
        #   log: false      # writes each push to the log, for development
        #   webhook:        # sends each push, signed (Standard Webhooks), to a gateway of yours
        #     url: https://push.example.org/vestibule
        #     secret: whsec_…

        # Bounds; durations in seconds. Each one's reason is in the documentation of Limits.
        # limits:

        """ + limitsSample
    }

    private static var limitsSample: String {
        let defaults = Limits()
        var lines: [String] = []
        var section = ""
        for setting in Limits.settings {
            let parts = setting.key.split(separator: ".")
            if section != parts[0] {
                section = String(parts[0])
                lines.append("#   \(section):")
            }
            switch setting.kind {
            case .seconds(let path):
                let seconds = Double(defaults[keyPath: path].milliseconds) / 1000
                lines.append("#     \(parts[1]): \(seconds.plain)")
            case .count(let path): lines.append("#     \(parts[1]): \(defaults[keyPath: path])")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Double {
    /// Without a fraction where there is none.
    var plain: String {
        self == rounded() ? String(Int64(self)) : String(self)
    }
}
