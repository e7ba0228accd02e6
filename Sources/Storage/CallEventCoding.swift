// SPDX-License-Identifier: Apache-2.0

package import VestibuleCallCore

/// The stored form of a call's events: JSON, format version 1, one text for one event.
///
/// Versions only ever add cases. An entry of a later version is `newer`, whatever it holds; one of
/// a known version that cannot be read is `unreadable`.
package enum CallEventCoding {
    /// The coded form of an event, in the format ``LoggedCallEvent/format``.
    package static func text(of event: CallEvent) throws(StoreError) -> String {
        try Coded.text(event)
    }

    /// Reads an event as it was stored in `format`.
    package static func event(
        from text: String,
        format: Int
    ) throws(StoreError) -> CallEvent {
        let known = LoggedCallEvent.format
        guard format <= known else { throw .newer(found: format, known: known) }
        guard format >= 1 else { throw .unreadable(detail: "a call event of format \(format)") }
        return try Coded.value(CallEvent.self, from: text, what: "a call event")
    }
}
