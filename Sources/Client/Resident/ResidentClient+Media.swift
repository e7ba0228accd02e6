// SPDX-License-Identifier: Apache-2.0

package import VestibuleWire

extension ResidentClient: MediaMachine {
    package static func news(of report: ResidentEvent) -> MediaNews? {
        switch report {
        case .media(let right): .right(right)
        case .keyFrameWanted(_, let maxBytes): .keyFrame(maxBytes: maxBytes)
        case .rate(_, let kilobits): .rate(kilobits: kilobits)
        case .changed(let call) where !call.isMine && !call.isPreviewing:
            .silence(handle: call.handle)
        case .connection(.open): nil
        case .connection: .disconnected
        default: nil
        }
    }

    package static func status(in report: ResidentEvent) -> ConnectionStatus? {
        if case .connection(let status) = report { status } else { nil }
    }

    package static func answer(
        in report: ResidentEvent
    ) -> (tag: Int, result: Result<Answer, RequestFailure>)? {
        if case .answered(let tag, let result) = report { (tag, result) } else { nil }
    }

    package func keyFrameOrder(handle: UInt32) -> ResidentOrder? {
        calls.last { $0.handle == handle && $0.state != .ended }.map { .wantKeyFrame($0.call) }
    }
}
