// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

extension ServerVector {
    static let welcomes: [ServerVector] = [
        ServerVector(
            "welcome of a panel",
            #"""
            {"type":"welcome","re":"1","session":"sess_01k6gv5gr8e04814d2pf2dbsqr","role":"panel",\#
            "seq":0,"resumed":false,"time":"2026-11-21T10:12:00.000Z","heartbeat":15,\#
            "limits":{"message":65536,"frame":262144,"messagesPerSecond":20,"framesPerSecond":200,\#
            "bitsPerSecond":4000000},"panel":{"id":"pan_01k6gv5gr5e02r0pr5p1dgbc2v",\#
            "name":"Main entrance","doors":[{"id":"door_01k6gv5gr3e01r0dmx0dmx0dmx",\#
            "name":"Door"},{"id":"door_01k6gv5gr4e0280j6hb7h6nwvw","name":"Gate"}],\#
            "timeZone":"Europe/Vienna","ringTimeout":30},"calls":[]}
            """#,
            .welcome(
                re: "1",
                Welcome(
                    session: Sample.session,
                    role: .panel,
                    seq: 0,
                    resumed: false,
                    time: Sample.time,
                    heartbeat: 15,
                    limits: WelcomeLimits(SessionLimits()),
                    panel: PanelInfo(
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
            "welcome of a resident in a call",
            #"""
            {"type":"welcome","re":"1","session":"sess_01k6gv5gr8e04814d2pf2dbsqr",\#
            "role":"resident","seq":9,"resumed":true,"time":"2026-11-21T10:12:00.000Z",\#
            "heartbeat":0.5,"limits":{"message":65536,"frame":262144,"messagesPerSecond":20,\#
            "framesPerSecond":200,"bitsPerSecond":4000000},\#
            "calls":[{"call":"call_01k6gv5gr1e00r04hmasw9nf6z","handle":7,\#
            "panel":{"id":"pan_01k6gv5gr5e02r0pr5p1dgbc2v","name":"Main entrance"},\#
            "unit":"unit_01k6gv5gr2e0180938nkrkaydy","property":"prop_01k6gv5gr6e0380v9t0v9t0v9t",\#
            "startedAt":"2026-11-21T10:12:00.000Z","expiresAt":"2026-11-21T10:12:30.250Z",\#
            "remainingMs":30250,"doors":[{"id":"door_01k6gv5gr3e01r0dmx0dmx0dmx","name":"Door"}],\#
            "state":"active","you":"talking","mine":true,\#
            "answeredBy":{"resident":"res_01k6gv5grbe05r1j1zpwqac7cn",\#
            "device":"dev_01k6gv5grce0681pkm1pkm1pkm"}},{"call":"call_01k6gv5gr1e00r04hmasw9nf6z",\#
            "handle":7,"panel":{"id":"pan_01k6gv5gr5e02r0pr5p1dgbc2v","name":"Main entrance"},\#
            "unit":"unit_01k6gv5gr2e0180938nkrkaydy","property":"prop_01k6gv5gr6e0380v9t0v9t0v9t",\#
            "startedAt":"2026-11-21T10:12:00.000Z","expiresAt":"2026-11-21T10:12:30.250Z",\#
            "remainingMs":30250,"doors":[{"id":"door_01k6gv5gr3e01r0dmx0dmx0dmx","name":"Door"}],\#
            "state":"ended","you":"out","mine":false,"reason":"quietHours","outcome":"missed"}]}
            """#,
            .welcome(
                re: "1",
                Welcome(
                    session: Sample.session,
                    role: .resident,
                    seq: 9,
                    resumed: true,
                    time: Sample.time,
                    heartbeat: 0.5,
                    limits: WelcomeLimits(SessionLimits()),
                    calls: [
                        CallEntry(
                            offer: ServerVector.offer,
                            state: .active,
                            you: .talking,
                            mine: true,
                            answeredBy: AnsweredBy(resident: Sample.resident, device: Sample.device)
                        ),
                        CallEntry(
                            offer: ServerVector.offer,
                            state: .ended,
                            you: .out,
                            mine: false,
                            reason: .quietHours,
                            outcome: .missed
                        ),
                    ]
                )
            )
        ),
    ]
}
