// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCallCore

/// Written before told: which record each effect waits for.
enum Records {
    /// Whether what the effect tells is in the log, or was before this turn.
    static func precede(_ effect: CallEffect, _ written: [CallEvent], _ turn: Turn) -> Bool {
        let phase = turn.before?.phase
        switch effect {
        case .record, .warn: return true
        case .answer(.refused): return turn.records.isEmpty
        case .answer(.accepted): return turn.records.isEmpty || !written.isEmpty
        case .offer: return turn.input == .restarted || written.contains(where: isOffer)
        case .tell(_, let view): return has(view, written, phase)
        case .tellPanel(let view): return view.phase == phase || has(view.phase, written)
        case .tellPeer: return written.contains(where: isPresence)
        case .connect:
            return phase == .active || has(.active, written)
        case .preview(let party):
            return written.contains(.previewed(party)) || sees(party.device, turn.before)
        case .endPreview(let device): return sees(device, turn.before)
        case .disconnect, .missedPush, .missedAfterQuietHours: return has(.ended, written)
        case .silencePush, .cancelPush: return !written.isEmpty
        }
    }

    private static func has(
        _ view: CallView,
        _ written: [CallEvent],
        _ before: CallPhase?
    ) -> Bool {
        guard view.phase == before || has(view.phase, written) else { return false }
        switch view.reason {
        case .ignored: return written.contains { if case .ignored = $0 { true } else { false } }
        case .declined: return written.contains { if case .declined = $0 { true } else { false } }
        case .revoked: return written.contains(where: isRemoval)
        case .answeredElsewhere, nil: return true
        }
    }

    private static func has(_ phase: CallPhase, _ written: [CallEvent]) -> Bool {
        written.contains { event in
            switch (phase, event) {
            case (.ringing, .started), (.active, .answered), (.ended, .ended): true
            default: false
            }
        }
    }

    private static func isOffer(_ event: CallEvent) -> Bool {
        if case .offered = event { true } else { false }
    }

    private static func isPresence(_ event: CallEvent) -> Bool {
        switch event {
        case .lost, .returned, .answered: true
        default: false
        }
    }

    private static func isRemoval(_ event: CallEvent) -> Bool {
        switch event {
        case .personRemoved, .deviceRemoved: true
        default: false
        }
    }

    private static func sees(_ device: DeviceID, _ call: Call?) -> Bool {
        guard case .ringing(let ringing) = call?.state else { return false }
        return ringing.previewers.contains(device)
    }
}
