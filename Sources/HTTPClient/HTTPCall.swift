// SPDX-License-Identifier: Apache-2.0

package import HTTPTypes

/// A request.
package struct HTTPCall: Sendable {
    package var method: HTTPRequest.Method

    /// Absolute; never shown.
    package var url: String

    package var fields: HTTPFields

    package var body: [UInt8]

    /// From the call to the last byte of the answer, resolving the name included.
    package var deadline: Duration

    /// Bytes of the answer's body that are taken; one more and the call fails.
    package var maxAnswer: Int

    /// Whether http without TLS will do, where the policy does not say no.
    package var allowsPlain: Bool

    package init(
        method: HTTPRequest.Method = .post,
        url: String,
        fields: HTTPFields = [:],
        body: [UInt8] = [],
        deadline: Duration = .seconds(10),
        maxAnswer: Int = 65_536,
        allowsPlain: Bool = false
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.deadline = deadline
        self.maxAnswer = maxAnswer
        self.allowsPlain = allowsPlain
    }
}

/// An answer, whatever its status: redirects are not followed.
package struct HTTPAnswer: Sendable, Equatable {
    package let status: Int
    package let fields: HTTPFields
    package let body: [UInt8]

    package init(status: Int, fields: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}
