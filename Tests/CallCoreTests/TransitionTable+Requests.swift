// SPDX-License-Identifier: Apache-2.0

import VestibuleCallCore

extension TransitionTable {
    static let requests: [Row] = [
        Row(
            .rang(Cast.annasPhone),
            ringing: "ringing, rang anna.phone, ok",
            underAll: "ringing, rang anna.phone, ok",
            withoutPanel: "ringing, rang anna.phone, ok",
            active: "active, ok",
            activeWithoutPanel: "active, ok",
            activeWithoutResident: "active, ok",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .rang(Cast.annasTablet),
            ringing: "ringing, rang anna.tablet, ok",
            underAll: "ringing, rang anna.tablet, ok",
            withoutPanel: "ringing, rang anna.tablet, ok",
            active: "active, already_answered by anna.phone",
            activeWithoutPanel: "active, already_answered by anna.phone",
            activeWithoutResident: "active, already_answered by anna.phone",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .rang(Cast.bertsPhone),
            ringing: "ringing, rang bert.phone, ok",
            underAll: "ringing, rang bert.phone, ok",
            withoutPanel: "ringing, rang bert.phone, ok",
            active: "active, already_answered by anna.phone",
            activeWithoutPanel: "active, already_answered by anna.phone",
            activeWithoutResident: "active, already_answered by anna.phone",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .rang(Cast.strangersPhone),
            ringing: "ringing, unknown_call",
            underAll: "ringing, unknown_call",
            withoutPanel: "ringing, unknown_call",
            active: "active, unknown_call",
            activeWithoutPanel: "active, unknown_call",
            activeWithoutResident: "active, unknown_call",
            ended: "ended(cancelled), unknown_call"
        ),
        Row(
            .answered(Cast.annasPhone),
            ringing: "active, answered anna.phone, ok",
            underAll: "active, answered anna.phone, ok",
            withoutPanel: "active, answered anna.phone, ok",
            active: "active, ok",
            activeWithoutPanel: "active, ok",
            activeWithoutResident: "active, ok",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .answered(Cast.annasTablet),
            ringing: "active, answered anna.tablet, ok",
            underAll: "active, answered anna.tablet, ok",
            withoutPanel: "active, answered anna.tablet, ok",
            active: "active, already_answered by anna.phone",
            activeWithoutPanel: "active, already_answered by anna.phone",
            activeWithoutResident: "active, already_answered by anna.phone",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .answered(Cast.bertsPhone),
            ringing: "active, answered bert.phone, ok",
            underAll: "active, answered bert.phone, ok",
            withoutPanel: "active, answered bert.phone, ok",
            active: "active, already_answered by anna.phone",
            activeWithoutPanel: "active, already_answered by anna.phone",
            activeWithoutResident: "active, already_answered by anna.phone",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .answered(Cast.strangersPhone),
            ringing: "ringing, unknown_call",
            underAll: "ringing, unknown_call",
            withoutPanel: "ringing, unknown_call",
            active: "active, unknown_call",
            activeWithoutPanel: "active, unknown_call",
            activeWithoutResident: "active, unknown_call",
            ended: "ended(cancelled), unknown_call"
        ),
        Row(
            .declined(Cast.annasPhone),
            ringing: "ended(declined), declined anna.phone, ended declined, ok",
            underAll: "ringing, declined anna.phone, ok",
            withoutPanel: "ended(declined), declined anna.phone, ended declined, ok",
            active: "ended(completed), ended completed, ok",
            activeWithoutPanel: "ended(completed), ended completed, ok",
            activeWithoutResident: "ended(completed), ended completed, ok",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .declined(Cast.annasTablet),
            ringing: "ended(declined), declined anna.tablet, ended declined, ok",
            underAll: "ringing, declined anna.tablet, ok",
            withoutPanel: "ended(declined), declined anna.tablet, ended declined, ok",
            active: "active, already_answered by anna.phone",
            activeWithoutPanel: "active, already_answered by anna.phone",
            activeWithoutResident: "active, already_answered by anna.phone",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .declined(Cast.bertsPhone),
            ringing: "ended(declined), declined bert.phone, ended declined, ok",
            underAll: "ringing, declined bert.phone, ok",
            withoutPanel: "ended(declined), declined bert.phone, ended declined, ok",
            active: "active, already_answered by anna.phone",
            activeWithoutPanel: "active, already_answered by anna.phone",
            activeWithoutResident: "active, already_answered by anna.phone",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .declined(Cast.strangersPhone),
            ringing: "ringing, unknown_call",
            underAll: "ringing, unknown_call",
            withoutPanel: "ringing, unknown_call",
            active: "active, unknown_call",
            activeWithoutPanel: "active, unknown_call",
            activeWithoutResident: "active, unknown_call",
            ended: "ended(cancelled), unknown_call"
        ),
        Row(
            .ignored(Cast.annasPhone),
            ringing: "ringing, ignored anna.phone, ok",
            underAll: "ringing, ignored anna.phone, ok",
            withoutPanel: "ringing, ignored anna.phone, ok",
            active: "active, already_answered by anna.phone",
            activeWithoutPanel: "active, already_answered by anna.phone",
            activeWithoutResident: "active, already_answered by anna.phone",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .ignored(Cast.annasTablet),
            ringing: "ringing, ignored anna.tablet, ok",
            underAll: "ringing, ignored anna.tablet, ok",
            withoutPanel: "ringing, ignored anna.tablet, ok",
            active: "active, already_answered by anna.phone",
            activeWithoutPanel: "active, already_answered by anna.phone",
            activeWithoutResident: "active, already_answered by anna.phone",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .ignored(Cast.bertsPhone),
            ringing: "ringing, ignored bert.phone, ok",
            underAll: "ringing, ignored bert.phone, ok",
            withoutPanel: "ringing, ignored bert.phone, ok",
            active: "active, already_answered by anna.phone",
            activeWithoutPanel: "active, already_answered by anna.phone",
            activeWithoutResident: "active, already_answered by anna.phone",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .ignored(Cast.strangersPhone),
            ringing: "ringing, unknown_call",
            underAll: "ringing, unknown_call",
            withoutPanel: "ringing, unknown_call",
            active: "active, unknown_call",
            activeWithoutPanel: "active, unknown_call",
            activeWithoutResident: "active, unknown_call",
            ended: "ended(cancelled), unknown_call"
        ),
        Row(
            .previewed(Cast.annasPhone),
            ringing: "ringing, previewed anna.phone, ok",
            underAll: "ringing, previewed anna.phone, ok",
            withoutPanel: "ringing, previewed anna.phone, ok",
            active: "active, already_answered by anna.phone",
            activeWithoutPanel: "active, already_answered by anna.phone",
            activeWithoutResident: "active, already_answered by anna.phone",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .previewed(Cast.annasTablet),
            ringing: "ringing, previewed anna.tablet, ok",
            underAll: "ringing, previewed anna.tablet, ok",
            withoutPanel: "ringing, previewed anna.tablet, ok",
            active: "active, already_answered by anna.phone",
            activeWithoutPanel: "active, already_answered by anna.phone",
            activeWithoutResident: "active, already_answered by anna.phone",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .previewed(Cast.bertsPhone),
            ringing: "ringing, previewed bert.phone, ok",
            underAll: "ringing, previewed bert.phone, ok",
            withoutPanel: "ringing, previewed bert.phone, ok",
            active: "active, already_answered by anna.phone",
            activeWithoutPanel: "active, already_answered by anna.phone",
            activeWithoutResident: "active, already_answered by anna.phone",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .previewed(Cast.strangersPhone),
            ringing: "ringing, unknown_call",
            underAll: "ringing, unknown_call",
            withoutPanel: "ringing, unknown_call",
            active: "active, unknown_call",
            activeWithoutPanel: "active, unknown_call",
            activeWithoutResident: "active, unknown_call",
            ended: "ended(cancelled), unknown_call"
        ),
        Row(
            .hungUp(Cast.annasPhone),
            ringing: "ended(declined), declined anna.phone, ended declined, ok",
            underAll: "ringing, declined anna.phone, ok",
            withoutPanel: "ended(declined), declined anna.phone, ended declined, ok",
            active: "ended(completed), ended completed, ok",
            activeWithoutPanel: "ended(completed), ended completed, ok",
            activeWithoutResident: "ended(completed), ended completed, ok",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .hungUp(Cast.annasTablet),
            ringing: "ended(declined), declined anna.tablet, ended declined, ok",
            underAll: "ringing, declined anna.tablet, ok",
            withoutPanel: "ended(declined), declined anna.tablet, ended declined, ok",
            active: "active, already_answered by anna.phone",
            activeWithoutPanel: "active, already_answered by anna.phone",
            activeWithoutResident: "active, already_answered by anna.phone",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .hungUp(Cast.bertsPhone),
            ringing: "ended(declined), declined bert.phone, ended declined, ok",
            underAll: "ringing, declined bert.phone, ok",
            withoutPanel: "ended(declined), declined bert.phone, ended declined, ok",
            active: "active, already_answered by anna.phone",
            activeWithoutPanel: "active, already_answered by anna.phone",
            activeWithoutResident: "active, already_answered by anna.phone",
            ended: "ended(cancelled), call_ended"
        ),
        Row(
            .hungUp(Cast.strangersPhone),
            ringing: "ringing, unknown_call",
            underAll: "ringing, unknown_call",
            withoutPanel: "ringing, unknown_call",
            active: "active, unknown_call",
            activeWithoutPanel: "active, unknown_call",
            activeWithoutResident: "active, unknown_call",
            ended: "ended(cancelled), unknown_call"
        ),
    ]
}
