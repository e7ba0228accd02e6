// SPDX-License-Identifier: Apache-2.0

import VestibuleCallCore

extension TransitionTable {
    static let world: [Row] = [
        Row(
            .panelHungUp,
            ringing: "ended(cancelled), ended cancelled, ok",
            underAll: "ended(cancelled), ended cancelled, ok",
            withoutPanel: "ended(cancelled), ended cancelled, ok",
            active: "ended(completed), ended completed, ok",
            activeWithoutPanel: "ended(completed), ended completed, ok",
            activeWithoutResident: "ended(completed), ended completed, ok",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .panelLost,
            ringing: "ringing, lost panel",
            underAll: "ringing, lost panel",
            withoutPanel: "ringing",
            active: "active, lost panel",
            activeWithoutPanel: "active",
            activeWithoutResident: "active, lost panel",
            ended: "ended(cancelled)"
        ),
        Row(
            .panelReturned,
            ringing: "ringing",
            underAll: "ringing",
            withoutPanel: "ringing, returned panel",
            active: "active",
            activeWithoutPanel: "active, returned panel",
            activeWithoutResident: "active",
            ended: "ended(cancelled)"
        ),
        Row(
            .panelForgot,
            ringing: "ended(panelLost), ended panelLost",
            underAll: "ended(panelLost), ended panelLost",
            withoutPanel: "ended(panelLost), ended panelLost",
            active: "ended(panelLost), ended panelLost",
            activeWithoutPanel: "ended(panelLost), ended panelLost",
            activeWithoutResident: "ended(panelLost), ended panelLost",
            ended: "ended(cancelled)"
        ),
        Row(
            .panelRevoked,
            ringing: "ended(revoked), ended revoked",
            underAll: "ended(revoked), ended revoked",
            withoutPanel: "ended(revoked), ended revoked",
            active: "ended(revoked), ended revoked",
            activeWithoutPanel: "ended(revoked), ended revoked",
            activeWithoutResident: "ended(revoked), ended revoked",
            ended: "ended(cancelled)"
        ),
        Row(
            .deviceLost(Cast.annasPhone.device),
            ringing: "ringing",
            underAll: "ringing",
            withoutPanel: "ringing",
            active: "active, lost resident",
            activeWithoutPanel: "active, lost resident",
            activeWithoutResident: "active",
            ended: "ended(cancelled)"
        ),
        Row(
            .deviceLost(Cast.bertsPhone.device),
            ringing: "ringing",
            underAll: "ringing",
            withoutPanel: "ringing",
            active: "active",
            activeWithoutPanel: "active",
            activeWithoutResident: "active",
            ended: "ended(cancelled)"
        ),
        Row(
            .deviceReturned(Cast.annasPhone.device),
            ringing: "ringing",
            underAll: "ringing",
            withoutPanel: "ringing",
            active: "active",
            activeWithoutPanel: "active",
            activeWithoutResident: "active, returned resident",
            ended: "ended(cancelled)"
        ),
        Row(
            .deviceReturned(Cast.bertsPhone.device),
            ringing: "ringing",
            underAll: "ringing",
            withoutPanel: "ringing",
            active: "active",
            activeWithoutPanel: "active",
            activeWithoutResident: "active",
            ended: "ended(cancelled)"
        ),
        Row(
            .personRemoved(Cast.anna),
            ringing: "ringing, removed anna",
            underAll: "ringing, removed anna",
            withoutPanel: "ringing, removed anna",
            active: "ended(revoked), ended revoked",
            activeWithoutPanel: "ended(revoked), ended revoked",
            activeWithoutResident: "ended(revoked), ended revoked",
            ended: "ended(cancelled)"
        ),
        Row(
            .personRemoved(Cast.bert),
            ringing: "ringing, removed bert",
            underAll: "ringing, removed bert",
            withoutPanel: "ringing, removed bert",
            active: "active, removed bert",
            activeWithoutPanel: "active, removed bert",
            activeWithoutResident: "active, removed bert",
            ended: "ended(cancelled)"
        ),
        Row(
            .personRemoved(Cast.stranger),
            ringing: "ringing",
            underAll: "ringing",
            withoutPanel: "ringing",
            active: "active",
            activeWithoutPanel: "active",
            activeWithoutResident: "active",
            ended: "ended(cancelled)"
        ),
        Row(
            .deviceRemoved(Cast.annasPhone.device),
            ringing: "ringing, removed anna.phone",
            underAll: "ringing, removed anna.phone",
            withoutPanel: "ringing, removed anna.phone",
            active: "ended(revoked), ended revoked",
            activeWithoutPanel: "ended(revoked), ended revoked",
            activeWithoutResident: "ended(revoked), ended revoked",
            ended: "ended(cancelled)"
        ),
        Row(
            .deviceRemoved(Cast.annasTablet.device),
            ringing: "ringing, removed anna.tablet",
            underAll: "ringing, removed anna.tablet",
            withoutPanel: "ringing, removed anna.tablet",
            active: "active, removed anna.tablet",
            activeWithoutPanel: "active, removed anna.tablet",
            activeWithoutResident: "active, removed anna.tablet",
            ended: "ended(cancelled)"
        ),
        Row(
            .deviceRemoved(Cast.strangersPhone.device),
            ringing: "ringing",
            underAll: "ringing",
            withoutPanel: "ringing",
            active: "active",
            activeWithoutPanel: "active",
            activeWithoutResident: "active",
            ended: "ended(cancelled)"
        ),
        Row(
            .restarted,
            ringing: "ringing",
            underAll: "ringing",
            withoutPanel: "ringing",
            active: "active",
            activeWithoutPanel: "active",
            activeWithoutResident: "active",
            ended: "ended(cancelled)"
        ),
        Row(
            .timePassed,
            ringing: "ringing",
            underAll: "ringing",
            withoutPanel: "ringing",
            active: "active",
            activeWithoutPanel: "active",
            activeWithoutResident: "active",
            ended: "ended(cancelled)"
        ),
    ]
}
