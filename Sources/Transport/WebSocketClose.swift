// SPDX-License-Identifier: Apache-2.0

/// What a peer's close frame says (RFC 6455 §5.5.1, §7.4).
enum WebSocketClose {
    /// It names no code; 1005 stands for that and is never sent.
    case nothing

    case code(UInt16, reason: String)

    /// It may not be so, and is refused with this code.
    case fault(UInt16)

    static func read(_ payload: UnsafeRawBufferPointer) -> WebSocketClose {
        guard !payload.isEmpty else { return .nothing }
        guard payload.count >= 2 else { return .fault(1002) }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard mayBeSent(code) else { return .fault(1002) }
        guard let reason = String(validating: payload.dropFirst(2), as: UTF8.self) else {
            return .fault(1007)
        }
        return .code(code, reason: reason)
    }

    /// Registered codes, except those that stand for something that nobody sent, and those for
    /// libraries and programs.
    private static func mayBeSent(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
