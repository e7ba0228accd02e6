// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

/// The identifiers of the golden vectors.
enum Sample {
    static let call = CallID(lenient: "call_01k6gv5gr1e00r04hmasw9nf6z")
    static let unit = UnitID(lenient: "unit_01k6gv5gr2e0180938nkrkaydy")
    static let door = DoorID(lenient: "door_01k6gv5gr3e01r0dmx0dmx0dmx")
    static let gate = DoorID(lenient: "door_01k6gv5gr4e0280j6hb7h6nwvw")
    static let panel = PanelID(lenient: "pan_01k6gv5gr5e02r0pr5p1dgbc2v")
    static let property = PropertyID(lenient: "prop_01k6gv5gr6e0380v9t0v9t0v9t")
    static let command = CommandID(lenient: "cmd_01k6gv5gr7e03r0zvebn63pags")
    static let session = SessionID(lenient: "sess_01k6gv5gr8e04814d2pf2dbsqr")
    static let push = PushID(lenient: "push_01k6gv5gr9e04r18yq18yq18yq")
    static let pass = PassID(lenient: "pass_01k6gv5grae0581dgbc2v0pr5p")
    static let resident = ResidentID(lenient: "res_01k6gv5grbe05r1j1zpwqac7cn")
    static let device = DeviceID(lenient: "dev_01k6gv5grce0681pkm1pkm1pkm")

    /// 2026-11-21T10:12:00.000Z.
    static let time = Timestamp(milliseconds: 1_795_255_920_000)

    /// 2026-11-21T10:12:30.250Z.
    static let later = Timestamp(milliseconds: 1_795_255_950_250)
}
