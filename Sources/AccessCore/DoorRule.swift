// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// Whether somebody may open a door; a refusal says which condition failed.
package enum DoorDecision: Sendable, Equatable {
    case allowed
    case refused(DoorRefusal)
}

/// The condition that failed.
///
/// Whether the panel is online and the attempt recorded is decided at the door desk.
package enum DoorRefusal: Sendable, Equatable {
    /// No such door, or one outside what the caller may know of.
    case unknownDoor
    case notPermitted
}

extension DirectorySnapshot {
    /// Whether the resident may open the door now.
    ///
    /// Allowed to a resident who is current and enabled if the door is assigned to them, or if
    /// they are in a live call with that door's panel (`callPanel`, given when the call says that
    /// this device may unlock) and the door is marked `openFromCall`.
    package func decide(
        door id: DoorID,
        by resident: ResidentID,
        inCallOf callPanel: PanelID?
    ) -> DoorDecision {
        guard let door = door(id), let panel = panel(door.panel),
            let person = self.resident(resident), person.property == panel.property
        else { return .refused(.unknownDoor) }
        guard person.isInGoodStanding else { return .refused(.notPermitted) }
        if person.doors.contains(id) { return .allowed }
        if let callPanel, callPanel == door.panel, door.openFromCall { return .allowed }
        return .refused(.notPermitted)
    }
}
