// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

extension ServerVector {
    static let answers: [ServerVector] = [
        ServerVector(
            "ok, nothing to add",
            #"""
            {"type":"ok","re":"1"}
            """#,
            .ok(re: "1", .done)
        ),
        ServerVector(
            "ok to call.start",
            #"""
            {"type":"ok","re":"2","call":"call_01k6gv5gr1e00r04hmasw9nf6z","handle":4294967295,\#
            "ringTimeout":0.75}
            """#,
            .ok(re: "2", .started(Sample.call, handle: .max, ringTimeout: 0.75))
        ),
        ServerVector(
            "ok to call.answer",
            #"""
            {"type":"ok","re":"3","handle":7}
            """#,
            .ok(re: "3", .handle(7))
        ),
        ServerVector(
            "ok to call.unlock",
            #"""
            {"type":"ok","re":"4","command":"cmd_01k6gv5gr7e03r0zvebn63pags","outcome":"unknown"}
            """#,
            .ok(re: "4", .door(Sample.command, .unknown))
        ),
        ServerVector(
            "ok to ping",
            #"""
            {"type":"ok","re":"5","time":"2026-11-21T10:12:00.000Z","clockMs":123456}
            """#,
            .ok(re: "5", .clock(Sample.time, clockMs: 123456))
        ),
        ServerVector(
            "ok to directory.get",
            #"""
            {"type":"ok","re":"6","version":12,\#
            "entries":[{"unit":"unit_01k6gv5gr2e0180938nkrkaydy","label":"12",\#
            "name":"Fam. Novák"}],"next":"c-500"}
            """#,
            .ok(
                re: "6",
                .directory(
                    DirectoryPage(
                        version: 12,
                        entries: [
                            DirectoryEntry(unit: Sample.unit, label: "12", name: "Fam. Novák")
                        ],
                        next: "c-500"
                    )
                )
            )
        ),
        ServerVector(
            "ok to directory.get, unchanged",
            #"""
            {"type":"ok","re":"7","version":12,"unchanged":true}
            """#,
            .ok(re: "7", .directory(DirectoryPage(version: 12, entries: nil)))
        ),
        ServerVector(
            "ok to pass.present",
            #"""
            {"type":"ok","re":"8","handle":9,"command":"cmd_01k6gv5gr7e03r0zvebn63pags",\#
            "pass":{"name":"Cleaner"}}
            """#,
            .ok(re: "8", ServerVector.passAnswer)
        ),
        ServerVector(
            "ok to passes.sync",
            #"""
            {"type":"ok","re":"9","version":4,"keys":[{"id":"p1","key":"AAAA"}],\#
            "revoked":["pass_01k6gv5grae0581dgbc2v0pr5p"],"zones":["Europe/Vienna","UTC"],\#
            "maxAge":3600}
            """#,
            .ok(re: "9", ServerVector.bookAnswer)
        ),
        ServerVector(
            "ok to panel.code",
            #"""
            {"type":"ok","re":"10","code":"7Q4-K2M","remainingMs":600000}
            """#,
            .ok(re: "10", ServerVector.codeAnswer)
        ),
        ServerVector(
            "error without re",
            #"""
            {"type":"error","code":"bad_message","detail":"not a JSON object"}
            """#,
            .refused(re: nil, Refusal(.badMessage, detail: "not a JSON object"))
        ),
        ServerVector(
            "error with field",
            #"""
            {"type":"error","re":"11","code":"bad_request","detail":"","field":"device.id"}
            """#,
            .refused(re: "11", Refusal(.badRequest, field: "device.id"))
        ),
        ServerVector(
            "error with call",
            #"""
            {"type":"error","re":"12","code":"unreachable","detail":"nobody",\#
            "call":"call_01k6gv5gr1e00r04hmasw9nf6z"}
            """#,
            .refused(re: "12", Refusal(.unreachable, detail: "nobody", call: Sample.call))
        ),
        ServerVector(
            "error with answeredBy",
            #"""
            {"type":"error","re":"13","code":"already_answered","detail":"Anna",\#
            "answeredBy":{"resident":"res_01k6gv5grbe05r1j1zpwqac7cn",\#
            "device":"dev_01k6gv5grce0681pkm1pkm1pkm"}}
            """#,
            .refused(
                re: "13",
                Refusal(
                    .alreadyAnswered,
                    detail: "Anna",
                    answeredBy: AnsweredBy(resident: Sample.resident, device: Sample.device)
                )
            )
        ),
        ServerVector(
            "error with remainingMs",
            #"""
            {"type":"error","re":"14","code":"locked_out","detail":"wait","remainingMs":30000}
            """#,
            .refused(re: "14", Refusal(.lockedOut, detail: "wait", remainingMs: 30000))
        ),
    ]
}
