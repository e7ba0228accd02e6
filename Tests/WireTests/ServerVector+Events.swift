// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

extension ServerVector {
    static let events: [ServerVector] = [
        ServerVector(
            "call.peer",
            #"""
            {"type":"call.peer","seq":1,"call":"call_01k6gv5gr1e00r04hmasw9nf6z","present":false,\#
            "graceMs":15000}
            """#,
            .event(seq: 1, .callPeer(call: Sample.call, present: false, graceMs: 15000))
        ),
        ServerVector(
            "call.ending",
            #"""
            {"type":"call.ending","seq":2,"call":"call_01k6gv5gr1e00r04hmasw9nf6z",\#
            "remainingMs":15000}
            """#,
            .event(seq: 2, .callEnding(call: Sample.call, remainingMs: 15000))
        ),
        ServerVector(
            "call.media",
            #"""
            {"type":"call.media","seq":3,"call":"call_01k6gv5gr1e00r04hmasw9nf6z","audio":false,\#
            "video":true}
            """#,
            .event(seq: 3, .callMedia(call: Sample.call, MediaActivity(audio: false, video: true)))
        ),
        ServerVector(
            "media.keyframe",
            #"""
            {"type":"media.keyframe","seq":4,"call":"call_01k6gv5gr1e00r04hmasw9nf6z",\#
            "maxBytes":4096}
            """#,
            .event(seq: 4, .mediaKeyframe(call: Sample.call, maxBytes: 4096))
        ),
        ServerVector(
            "media.rate",
            #"""
            {"type":"media.rate","seq":5,"call":"call_01k6gv5gr1e00r04hmasw9nf6z","kbps":300}
            """#,
            .event(seq: 5, .mediaRate(call: Sample.call, kbps: 300))
        ),
        ServerVector(
            "server.restarting",
            #"""
            {"type":"server.restarting","seq":6,"reconnectAfterMs":750}
            """#,
            .event(seq: 6, .serverRestarting(reconnectAfterMs: 750))
        ),
        ServerVector(
            "auth.expiring",
            #"""
            {"type":"auth.expiring","seq":7,"remainingMs":120000}
            """#,
            .event(seq: 7, .authExpiring(remainingMs: 120000))
        ),
        ServerVector(
            "call.state to a panel, active",
            #"""
            {"type":"call.state","seq":8,"call":"call_01k6gv5gr1e00r04hmasw9nf6z",\#
            "state":"active","answeredBy":{"resident":"res_01k6gv5grbe05r1j1zpwqac7cn",\#
            "device":"dev_01k6gv5grce0681pkm1pkm1pkm"},"media":{"maxWidth":320,"screen":false}}
            """#,
            .event(
                seq: 8,
                .panelCallState(
                    PanelCallState(
                        call: Sample.call,
                        state: .active,
                        answeredBy: AnsweredBy(resident: Sample.resident, device: Sample.device),
                        media: MediaAbilities(maxWidth: 320, screen: false)
                    )
                )
            )
        ),
        ServerVector(
            "call.state to a panel, ended",
            #"""
            {"type":"call.state","seq":9,"call":"call_01k6gv5gr1e00r04hmasw9nf6z","state":"ended",\#
            "outcome":"panelLost"}
            """#,
            .event(
                seq: 9,
                .panelCallState(
                    PanelCallState(call: Sample.call, state: .ended, outcome: .panelLost)
                )
            )
        ),
        ServerVector(
            "call.state to a resident, answered elsewhere",
            #"""
            {"type":"call.state","seq":10,"call":"call_01k6gv5gr1e00r04hmasw9nf6z",\#
            "state":"active","you":"out",\#
            "answeredBy":{"resident":"res_01k6gv5grbe05r1j1zpwqac7cn",\#
            "device":"dev_01k6gv5grce0681pkm1pkm1pkm"},"reason":"answeredElsewhere"}
            """#,
            .event(
                seq: 10,
                .callState(
                    ResidentCallState(
                        call: Sample.call,
                        state: .active,
                        you: .out,
                        answeredBy: AnsweredBy(resident: Sample.resident, device: Sample.device),
                        reason: .answeredElsewhere
                    )
                )
            )
        ),
        ServerVector(
            "call.state to a resident, ended",
            #"""
            {"type":"call.state","seq":11,"call":"call_01k6gv5gr1e00r04hmasw9nf6z",\#
            "state":"ended","you":"out","outcome":"completed"}
            """#,
            .event(
                seq: 11,
                .callState(
                    ResidentCallState(
                        call: Sample.call,
                        state: .ended,
                        you: .out,
                        outcome: .completed
                    )
                )
            )
        ),
        ServerVector(
            "door.open",
            #"""
            {"type":"door.open","seq":12,"command":"cmd_01k6gv5gr7e03r0zvebn63pags",\#
            "door":"door_01k6gv5gr3e01r0dmx0dmx0dmx","seconds":5,\#
            "notAfter":"2026-11-21T10:12:30.250Z","notAfterMs":98765}
            """#,
            .event(
                seq: 12,
                .doorOpen(
                    DoorOpen(
                        command: Sample.command,
                        door: Sample.door,
                        seconds: 5,
                        notAfter: Sample.later,
                        notAfterMs: 98765
                    )
                )
            )
        ),
        ServerVector(
            "door.void",
            #"""
            {"type":"door.void","seq":13,"command":"cmd_01k6gv5gr7e03r0zvebn63pags"}
            """#,
            .event(seq: 13, .doorVoid(command: Sample.command))
        ),
        ServerVector(
            "directory.changed",
            #"""
            {"type":"directory.changed","seq":14,"version":13}
            """#,
            .event(seq: 14, .directoryChanged(version: 13))
        ),
        ServerVector(
            "panel.changed",
            #"""
            {"type":"panel.changed","seq":15,"panel":{"id":"pan_01k6gv5gr5e02r0pr5p1dgbc2v",\#
            "name":"Main entrance","doors":[{"id":"door_01k6gv5gr3e01r0dmx0dmx0dmx",\#
            "name":"Door"},{"id":"door_01k6gv5gr4e0280j6hb7h6nwvw","name":"Gate"}],\#
            "timeZone":"Europe/Vienna","ringTimeout":30}}
            """#,
            .event(
                seq: 15,
                .panelChanged(
                    PanelInfo(
                        id: Sample.panel,
                        name: "Main entrance",
                        doors: [
                            DoorName(id: Sample.door, name: "Door"),
                            DoorName(id: Sample.gate, name: "Gate"),
                        ],
                        timeZone: "Europe/Vienna",
                        ringTimeout: 30
                    )
                )
            )
        ),
        ServerVector(
            "pass.opened",
            #"""
            {"type":"pass.opened","seq":16,"pass":{"name":"Cleaner"},\#
            "door":"door_01k6gv5gr3e01r0dmx0dmx0dmx","handle":9}
            """#,
            .event(
                seq: 16,
                .passOpened(
                    PassOpened(pass: PassName(name: "Cleaner"), door: Sample.door, handle: 9)
                )
            )
        ),
        ServerVector(
            "pass.refused",
            #"""
            {"type":"pass.refused","seq":17,"code":"locked_out","remainingMs":30000}
            """#,
            .event(seq: 17, .passRefused(code: .lockedOut, remainingMs: 30000))
        ),
        ServerVector(
            "call.incoming",
            #"""
            {"type":"call.incoming","seq":18,"call":"call_01k6gv5gr1e00r04hmasw9nf6z","handle":7,\#
            "panel":{"id":"pan_01k6gv5gr5e02r0pr5p1dgbc2v","name":"Main entrance"},\#
            "unit":"unit_01k6gv5gr2e0180938nkrkaydy","property":"prop_01k6gv5gr6e0380v9t0v9t0v9t",\#
            "startedAt":"2026-11-21T10:12:00.000Z","expiresAt":"2026-11-21T10:12:30.250Z",\#
            "remainingMs":30250,"doors":[{"id":"door_01k6gv5gr3e01r0dmx0dmx0dmx","name":"Door"}]}
            """#,
            .event(seq: 18, .callIncoming(ServerVector.offer))
        ),
        ServerVector(
            "door.opened",
            #"""
            {"type":"door.opened","seq":19,"door":"door_01k6gv5gr3e01r0dmx0dmx0dmx",\#
            "by":{"kind":"resident","id":"res_01k6gv5grbe05r1j1zpwqac7cn","name":"Anna"},\#
            "via":"call","call":"call_01k6gv5gr1e00r04hmasw9nf6z",\#
            "command":"cmd_01k6gv5gr7e03r0zvebn63pags","outcome":"opened"}
            """#,
            .event(
                seq: 19,
                .doorOpened(
                    DoorOpened(
                        door: Sample.door,
                        by: Who(
                            kind: .resident,
                            id: "res_01k6gv5grbe05r1j1zpwqac7cn",
                            name: "Anna"
                        ),
                        via: .call,
                        call: Sample.call,
                        command: Sample.command,
                        outcome: .opened
                    )
                )
            )
        ),
        ServerVector(
            "doors.changed",
            #"""
            {"type":"doors.changed","seq":20}
            """#,
            .event(seq: 20, .doorsChanged)
        ),
        ServerVector(
            "pass.used",
            #"""
            {"type":"pass.used","seq":21,"pass":{"id":"pass_01k6gv5grae0581dgbc2v0pr5p",\#
            "name":"Cleaner"},"door":"door_01k6gv5gr3e01r0dmx0dmx0dmx","photo":"u-1"}
            """#,
            .event(
                seq: 21,
                .passUsed(
                    PassUsed(
                        pass: PassName(id: Sample.pass, name: "Cleaner"),
                        door: Sample.door,
                        photo: "u-1"
                    )
                )
            )
        ),
    ]
}
