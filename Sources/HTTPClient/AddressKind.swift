// SPDX-License-Identifier: Apache-2.0

extension IPAddress {
    /// Why an address is not one of the public internet.
    package enum Inside: String, Sendable {
        case unspecified
        case loopback
        case `private`
        case linkLocal
        case carrierNAT
        case multicast
        case mapped
        case nat64
        case tunnel
        case reserved
    }

    /// Why nobody outside may send us to this address; nil for one of the public internet.
    ///
    /// After the registries of special-purpose addresses (RFC 6890). The documentation networks are
    /// taken for public: nobody routes them, and tests stand on them.
    package var inside: Inside? {
        switch self {
        case .v4(let bits): Self.inside(bits)
        case .v6(let high, let low): Self.inside(high, low)
        }
    }

    private static func inside(_ bits: UInt32) -> Inside? {
        func isIn(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ length: UInt32) -> Bool {
            (bits ^ (a << 24 | b << 16 | c << 8)) >> (32 - length) == 0
        }
        if isIn(0, 0, 0, 8) { return .unspecified }
        if isIn(127, 0, 0, 8) { return .loopback }
        if isIn(10, 0, 0, 8) || isIn(172, 16, 0, 12) || isIn(192, 168, 0, 16) { return .private }
        if isIn(169, 254, 0, 16) { return .linkLocal }
        if isIn(100, 64, 0, 10) { return .carrierNAT }
        if isIn(224, 0, 0, 4) { return .multicast }
        // Protocol assignments, the 6to4 relays, benchmarks; what is left and the broadcast.
        if isIn(192, 0, 0, 24) || isIn(192, 88, 99, 24) || isIn(198, 18, 0, 15)
            || isIn(240, 0, 0, 4)
        {
            return .reserved
        }
        return nil
    }

    private static func inside(_ high: UInt64, _ low: UInt64) -> Inside? {
        if high == 0 {
            switch low {
            case 0: return .unspecified
            case 1: return .loopback
            case _ where low >> 32 == 0xFFFF: return .mapped
            default: return .reserved
            }
        }
        // 64:ff9b::/96 (RFC 6052) and 64:ff9b:1::/48 (RFC 8215).
        if high >> 16 == 0x0064_FF9B_0000 || high >> 16 == 0x0064_FF9B_0001 { return .nat64 }
        if high >> 57 == 0xFC >> 1 { return .private }
        // fe80::/10, and fec0::/10 that once was "site-local".
        if high >> 54 == 0xFE80 >> 6 || high >> 54 == 0xFEC0 >> 6 { return .linkLocal }
        if high >> 56 == 0xFF { return .multicast }
        // 6to4 and Teredo carry a version 4 address inside.
        if high >> 48 == 0x2002 || high >> 32 == 0x2001_0000 { return .tunnel }
        return high >> 61 == 1 ? nil : .reserved
    }
}
