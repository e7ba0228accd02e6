// SPDX-License-Identifier: Apache-2.0

/// A call as `vestibule history --json` lists it; what a run looks at.
package struct PastCall: Decodable {
    package struct Unlock: Decodable {
        package let door: String
        package let outcome: String
    }

    package struct Answerer: Decodable {
        package let device: String
    }

    package let id: String
    package let outcome: String?
    package let answeredBy: Answerer?
    package let unlocks: [Unlock]

    package init(
        id: String,
        outcome: String?,
        answeredBy device: String? = nil,
        unlocks: [Unlock] = []
    ) {
        self.id = id
        self.outcome = outcome
        answeredBy = device.map(Answerer.init)
        self.unlocks = unlocks
    }
}

/// The history page by page: `vestibule history` gives so many calls at once, and no more.
package enum PastCalls {
    /// Calls of a page; a smaller one asks more often, a larger one is refused.
    package static let page = 5_000

    /// Of `calls`, the newest first, those that were made after this one; all where it is nil, or
    /// too old to be there.
    package static func since(_ call: String?, in calls: [PastCall]) -> [PastCall] {
        Array(calls.prefix { $0.id != call })
    }

    /// The newest `count` calls, or fewer where there are fewer; `page` gives the newest `limit`
    /// before a call.
    package static func newest(
        _ count: Int,
        page: (_ limit: Int, _ before: String?) throws(LoadFailure) -> [PastCall]
    ) throws(LoadFailure) -> [PastCall] {
        var calls: [PastCall] = []
        while calls.count < count {
            let wanted = min(Self.page, count - calls.count)
            let more = try page(wanted, calls.last?.id)
            calls += more
            if more.count < wanted { break }
        }
        return calls
    }
}
