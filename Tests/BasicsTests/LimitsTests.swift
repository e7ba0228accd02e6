// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics

@Suite struct LimitsTests {
    /// Each bound as the mirror shows it: `call.ring` and its value.
    private static func bounds(of limits: Limits) -> [String: String] {
        var bounds: [String: String] = [:]
        for part in Mirror(reflecting: limits).children {
            for bound in Mirror(reflecting: part.value).children {
                bounds["\(part.label ?? "?").\(bound.label ?? "?")"] = "\(bound.value)"
            }
        }
        return bounds
    }

    @Test func `every bound can be set, once`() {
        let keys = Limits.settings.map(\.key)
        #expect(Set(keys).count == keys.count)
        let bounds = Set(Self.bounds(of: Limits()).keys)
        #expect(bounds.subtracting(keys) == [], "no setting for these")
        #expect(Set(keys).subtracting(bounds) == [], "no bound for these")
    }

    @Test(arguments: Limits.settings.indices)
    func `a setting sets the bound it names, and no other`(_ index: Int) throws {
        let setting = Limits.settings[index]
        var limits = Limits()
        switch setting.kind {
        case .seconds(let path): limits[keyPath: path] += .milliseconds(1)
        case .count(let path): limits[keyPath: path] += 1
        }
        let before = Self.bounds(of: Limits())
        let changed = Self.bounds(of: limits).filter { before[$0.key] != $0.value }.map(\.key)
        #expect(changed == [setting.key])
    }

    @Test func `the defaults fit together`() {
        let limits = Limits()
        #expect(limits.call.ringLeast <= limits.call.ring)
        #expect(limits.call.ring <= limits.call.ringMost)
        #expect(limits.call.warning < limits.call.duration)
        #expect(limits.call.group < limits.call.ring)
        #expect(limits.session.callHeartbeat < limits.session.callSilence)
        #expect(limits.session.messagesPerSecond <= limits.session.messageBurst)
        #expect(limits.session.helloMessage <= limits.session.message)
        #expect(limits.media.keyFrameLeast <= limits.media.lane)
        #expect(limits.session.frame <= limits.media.lane)
        #expect(limits.overload.calm < limits.overload.busy)
        #expect(limits.push.inFlight <= limits.push.inbox)
        #expect(limits.push.laneInFlight < limits.push.inFlight)
        #expect(limits.push.laterInbox < limits.push.inbox)
        #expect(limits.transport.plainPerAddress <= limits.transport.plain)
        #expect(limits.transport.closing <= limits.transport.shutdown)
        #expect(limits.transport.unauthenticatedPerAddress <= limits.transport.unauthenticated)
    }

    @Test func `every default is above nothing`() {
        let limits = Limits()
        for setting in Limits.settings {
            switch setting.kind {
            case .seconds(let path): #expect(limits[keyPath: path] > .zero, "\(setting.key)")
            case .count(let path): #expect(limits[keyPath: path] > 0, "\(setting.key)")
            }
        }
    }
}
