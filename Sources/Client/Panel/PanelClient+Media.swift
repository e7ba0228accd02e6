// SPDX-License-Identifier: Apache-2.0

package import VestibuleWire

extension PanelClient: MediaMachine {
    package static func news(of report: PanelEvent) -> MediaNews? {
        switch report {
        case .media(let right): .right(right)
        case .keyFrameWanted(_, let maxBytes): .keyFrame(maxBytes: maxBytes)
        case .rate(_, let kilobits): .rate(kilobits: kilobits)
        case .connection(.open): nil
        case .connection: .disconnected
        default: nil
        }
    }

    package static func status(in report: PanelEvent) -> ConnectionStatus? {
        if case .connection(let status) = report { status } else { nil }
    }

    package static func answer(
        in report: PanelEvent
    ) -> (tag: Int, result: Result<Answer, RequestFailure>)? {
        if case .answered(let tag, let result) = report { (tag, result) } else { nil }
    }

    package func keyFrameOrder(handle: UInt32) -> PanelOrder? {
        guard case .live(let live) = state, live.handle == handle else { return nil }
        return .wantKeyFrame
    }
}
