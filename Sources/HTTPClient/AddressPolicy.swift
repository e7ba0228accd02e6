// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Whom a client may talk to.
///
/// It is asked twice: about the URL before its host is looked up, and about the very address at
/// the moment of connecting, so that no answer of a name server can change what was checked.
package struct AddressPolicy: Sendable, Equatable {
    /// A host and port that the operator's file allows though it is inside.
    package struct HostPort: Hashable, Sendable, CustomStringConvertible {
        /// A DNS name in lower case, or an address.
        package let host: String
        package let port: UInt16

        package init(host: String, port: UInt16) {
            self.host = host.lowercased()
            self.port = port
        }

        /// Reads `host:port`, `[::1]:port` for version 6.
        package init?(_ text: String) {
            guard let place = VestibuleBasics.HostPort(text), place.port > 0 else { return nil }
            self.init(host: place.host, port: UInt16(place.port))
        }

        /// As it is written in the file.
        package var description: String {
            VestibuleBasics.HostPort(host: host, port: Int(port)).description
        }
    }

    /// Why a target is refused; stable words.
    package enum Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        /// Not https.
        case scheme
        /// Not 443.
        case port
        /// An address in place of a name.
        case literal
        /// The name leads to an address that is not one of the public internet.
        case inside(IPAddress.Inside)
        /// An address the name was not resolved to.
        case unresolved

        package var description: String {
            switch self {
            case .scheme: "address_not_https"
            case .port: "address_port"
            case .literal: "address_literal"
            case .inside(let kind): "address_inside_\(kind.rawValue)"
            case .unresolved: "address_unresolved"
            }
        }
    }

    private enum Rule: Equatable {
        case provider
        case userGiven(Set<HostPort>)
    }

    private let rule: Rule

    /// For addresses in the operator's own configuration: wherever they lead.
    package static let provider = AddressPolicy(rule: .provider)

    /// For addresses that users give (webhooks, Web Push): https on port 443 by name, to the public
    /// internet only, except for what the operator's file allows.
    package static func userGiven(allow: [HostPort] = []) -> AddressPolicy {
        AddressPolicy(rule: .userGiven(Set(allow)))
    }

    /// Judges a target by its URL; `allowsPlain` is what the caller says about http.
    func check(_ target: Target, allowsPlain: Bool) throws(Refusal) {
        switch rule {
        case .provider:
            guard target.isSecure || allowsPlain else { throw .scheme }
        case .userGiven(let allowed):
            if allowed.contains(target.hostPort) {
                guard target.isSecure || allowsPlain else { throw .scheme }
                return
            }
            guard target.isSecure else { throw .scheme }
            guard target.literal == nil, !target.looksNumeric else { throw .literal }
            guard target.hostPort.port == 443 else { throw .port }
        }
    }

    /// Judges an address that `target` leads to.
    func check(_ address: IPAddress, of target: Target) throws(Refusal) {
        guard case .userGiven(let allowed) = rule, !allowed.contains(target.hostPort) else {
            return
        }
        if let inside = address.inside { throw .inside(inside) }
    }
}
