// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

/// A client's message as bytes and as a value: the protocol, written down.
struct ClientVector: Sendable, CustomStringConvertible {
    let description: String
    let json: String
    let message: ClientMessage

    init(_ description: String, _ json: String, _ id: String, _ request: ClientRequest) {
        self.description = description
        self.json = json
        message = ClientMessage(id: id, request: request)
    }

    static let all = both + panel + resident

    static let both: [ClientVector] = [
        ClientVector(
            "hello of a resident, with everything",
            #"""
            {"type":"hello","id":"1","token":"tok-1",\#
            "device":{"id":"dev_01k6gv5grce0681pkm1pkm1pkm","model":"Pixel","version":"1.2",\#
            "media":{"maxWidth":640,"maxHeight":480,"fps":15,"screen":true,"microphone":true}},\#
            "resume":{"session":"sess_01k6gv5gr8e04814d2pf2dbsqr","seq":41}}
            """#,
            "1",
            .hello(
                Hello(
                    token: Secret("tok-1"),
                    device: HelloDevice(
                        id: "dev_01k6gv5grce0681pkm1pkm1pkm",
                        model: "Pixel",
                        version: "1.2",
                        media: MediaAbilities(
                            maxWidth: 640,
                            maxHeight: 480,
                            fps: 15,
                            screen: true,
                            microphone: true
                        )
                    ),
                    resume: Resume(session: Sample.session, seq: 41)
                )
            )
        ),
        ClientVector(
            "hello of a panel, with what it must",
            #"""
            {"type":"hello","id":"1","token":"tok-2",\#
            "device":{"id":"pan_01k6gv5gr5e02r0pr5p1dgbc2v"}}
            """#,
            "1",
            .hello(
                Hello(
                    token: Secret("tok-2"),
                    device: HelloDevice(id: "pan_01k6gv5gr5e02r0pr5p1dgbc2v")
                )
            )
        ),
        ClientVector(
            "ping",
            #"""
            {"type":"ping","id":"2"}
            """#,
            "2",
            .ping
        ),
        ClientVector(
            "auth.renew",
            #"""
            {"type":"auth.renew","id":"3","token":"tok-3"}
            """#,
            "3",
            .authRenew(token: Secret("tok-3"))
        ),
        ClientVector(
            "call.hangup",
            #"""
            {"type":"call.hangup","id":"4","call":"call_01k6gv5gr1e00r04hmasw9nf6z"}
            """#,
            "4",
            .callHangup(Sample.call)
        ),
        ClientVector(
            "call.media",
            #"""
            {"type":"call.media","id":"5","call":"call_01k6gv5gr1e00r04hmasw9nf6z","audio":true,\#
            "video":false}
            """#,
            "5",
            .callMedia(Sample.call, MediaActivity(audio: true, video: false))
        ),
        ClientVector(
            "media.keyframe",
            #"""
            {"type":"media.keyframe","id":"6","call":"call_01k6gv5gr1e00r04hmasw9nf6z"}
            """#,
            "6",
            .mediaKeyframe(Sample.call)
        ),
    ]

    static let panel: [ClientVector] = [
        ClientVector(
            "directory.get, first",
            #"""
            {"type":"directory.get","id":"7"}
            """#,
            "7",
            .directoryGet(DirectoryGet())
        ),
        ClientVector(
            "directory.get, next page of a search",
            #"""
            {"type":"directory.get","id":"8","have":12,"search":"Ölz/\"q\"","cursor":"c-500"}
            """#,
            "8",
            .directoryGet(DirectoryGet(have: 12, search: "Ölz/\"q\"", cursor: "c-500"))
        ),
        ClientVector(
            "call.start",
            #"""
            {"type":"call.start","id":"9","unit":"unit_01k6gv5gr2e0180938nkrkaydy","key":"k-1"}
            """#,
            "9",
            .callStart(unit: Sample.unit, key: "k-1")
        ),
        ClientVector(
            "call.cancel",
            #"""
            {"type":"call.cancel","id":"10","call":"call_01k6gv5gr1e00r04hmasw9nf6z"}
            """#,
            "10",
            .callCancel(Sample.call)
        ),
        ClientVector(
            "pass.present, PIN for a unit",
            #"""
            {"type":"pass.present","id":"11","pin":"493817",\#
            "unit":"unit_01k6gv5gr2e0180938nkrkaydy","door":"door_01k6gv5gr3e01r0dmx0dmx0dmx"}
            """#,
            "11",
            .passPresent(
                PassPresentation(
                    credential: .pin(Secret("493817"), unit: Sample.unit),
                    door: Sample.door
                )
            )
        ),
        ClientVector(
            "pass.present, QR",
            #"""
            {"type":"pass.present","id":"12","qr":"VP1:ABC"}
            """#,
            "12",
            .passPresent(PassPresentation(credential: .qr(Secret("VP1:ABC"))))
        ),
        ClientVector(
            "passes.sync",
            #"""
            {"type":"passes.sync","id":"13","have":3}
            """#,
            "13",
            .passesSync(have: 3)
        ),
        ClientVector(
            "pass.uses",
            #"""
            {"type":"pass.uses","id":"14","uses":[{"use":"u-1",\#
            "pass":"pass_01k6gv5grae0581dgbc2v0pr5p","door":"door_01k6gv5gr3e01r0dmx0dmx0dmx",\#
            "at":"2026-11-21T10:12:00.000Z","outcome":"opened"}]}
            """#,
            "14",
            .passUses([
                PassUse(
                    use: "u-1",
                    pass: Sample.pass,
                    door: Sample.door,
                    at: Sample.time,
                    outcome: .opened
                )
            ])
        ),
        ClientVector(
            "panel.code",
            #"""
            {"type":"panel.code","id":"15"}
            """#,
            "15",
            .panelCode
        ),
        ClientVector(
            "door.result",
            #"""
            {"type":"door.result","id":"16","command":"cmd_01k6gv5gr7e03r0zvebn63pags",\#
            "outcome":"failed","detail":"late"}
            """#,
            "16",
            .doorResult(DoorResult(command: Sample.command, outcome: .failed, detail: "late"))
        ),
        ClientVector(
            "door.state",
            #"""
            {"type":"door.state","id":"17","door":"door_01k6gv5gr3e01r0dmx0dmx0dmx",\#
            "state":"held"}
            """#,
            "17",
            .doorState(door: Sample.door, state: .held)
        ),
    ]

    static let resident: [ClientVector] = [
        ClientVector(
            "call.ringing",
            #"""
            {"type":"call.ringing","id":"18","call":"call_01k6gv5gr1e00r04hmasw9nf6z"}
            """#,
            "18",
            .callRinging(Sample.call)
        ),
        ClientVector(
            "call.ignore",
            #"""
            {"type":"call.ignore","id":"19","call":"call_01k6gv5gr1e00r04hmasw9nf6z"}
            """#,
            "19",
            .callIgnore(Sample.call)
        ),
        ClientVector(
            "call.preview",
            #"""
            {"type":"call.preview","id":"20","call":"call_01k6gv5gr1e00r04hmasw9nf6z"}
            """#,
            "20",
            .callPreview(Sample.call)
        ),
        ClientVector(
            "call.answer",
            #"""
            {"type":"call.answer","id":"21","call":"call_01k6gv5gr1e00r04hmasw9nf6z"}
            """#,
            "21",
            .callAnswer(Sample.call)
        ),
        ClientVector(
            "call.decline",
            #"""
            {"type":"call.decline","id":"22","call":"call_01k6gv5gr1e00r04hmasw9nf6z"}
            """#,
            "22",
            .callDecline(Sample.call)
        ),
        ClientVector(
            "call.unlock, the first door",
            #"""
            {"type":"call.unlock","id":"23","call":"call_01k6gv5gr1e00r04hmasw9nf6z","key":"k-2"}
            """#,
            "23",
            .callUnlock(CallUnlock(call: Sample.call, key: "k-2"))
        ),
        ClientVector(
            "call.unlock, a door",
            #"""
            {"type":"call.unlock","id":"24","call":"call_01k6gv5gr1e00r04hmasw9nf6z",\#
            "door":"door_01k6gv5gr4e0280j6hb7h6nwvw","key":"k-3"}
            """#,
            "24",
            .callUnlock(CallUnlock(call: Sample.call, door: Sample.gate, key: "k-3"))
        ),
        ClientVector(
            "door.unlock",
            #"""
            {"type":"door.unlock","id":"25","door":"door_01k6gv5gr3e01r0dmx0dmx0dmx","key":"k-4"}
            """#,
            "25",
            .doorUnlock(door: Sample.door, key: "k-4")
        ),
        ClientVector(
            "device.status",
            #"""
            {"type":"device.status","id":"26","notifications":"badgeOnly","focus":false,\#
            "fullScreen":true,"microphone":true,"camera":false,"foreground":true}
            """#,
            "26",
            .deviceStatus(
                DeviceStatus(
                    notifications: .badgeOnly,
                    focus: false,
                    fullScreen: true,
                    microphone: true,
                    camera: false,
                    foreground: true
                )
            )
        ),
        ClientVector(
            "push.ack",
            #"""
            {"type":"push.ack","id":"27","push":"push_01k6gv5gr9e04r18yq18yq18yq","key":"ack-1"}
            """#,
            "27",
            .pushAck(push: Sample.push, key: "ack-1")
        ),
    ]
}
