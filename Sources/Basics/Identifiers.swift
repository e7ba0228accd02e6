// SPDX-License-Identifier: Apache-2.0

/// A property: a building or several under one management.
public enum PropertyKind: IdentifierKind {
    /// In text `prop_…`.
    public static var prefix: String { "prop" }
}

/// A unit of a property: what a guest calls.
public enum UnitKind: IdentifierKind {
    /// In text `unit_…`.
    public static var prefix: String { "unit" }
}

/// A person's account, which may live in several properties.
public enum AccountKind: IdentifierKind {
    /// In text `acct_…`.
    public static var prefix: String { "acct" }
}

/// A resident of one property.
public enum ResidentKind: IdentifierKind {
    /// In text `res_…`.
    public static var prefix: String { "res" }
}

/// A resident's time in a unit.
public enum OccupancyKind: IdentifierKind {
    /// In text `occ_…`.
    public static var prefix: String { "occ" }
}

/// A resident's device.
public enum DeviceKind: IdentifierKind {
    /// In text `dev_…`.
    public static var prefix: String { "dev" }
}

/// A door panel.
public enum PanelKind: IdentifierKind {
    /// In text `pan_…`.
    public static var prefix: String { "pan" }
}

/// A door, which is a relay of a panel.
public enum DoorKind: IdentifierKind {
    /// In text `door_…`.
    public static var prefix: String { "door" }
}

/// A ring group of a unit.
public enum RingGroupKind: IdentifierKind {
    /// In text `grp_…`.
    public static var prefix: String { "grp" }
}

/// A call.
public enum CallKind: IdentifierKind {
    /// In text `call_…`.
    public static var prefix: String { "call" }
}

/// A door command.
public enum CommandKind: IdentifierKind {
    /// In text `cmd_…`.
    public static var prefix: String { "cmd" }
}

/// A session of a panel or a device.
public enum SessionKind: IdentifierKind {
    /// In text `sess_…`.
    public static var prefix: String { "sess" }
}

/// A push: one notice to one device.
public enum PushKind: IdentifierKind {
    /// In text `push_…`.
    public static var prefix: String { "push" }
}

/// A device's push registration.
public enum RegistrationKind: IdentifierKind {
    /// In text `reg_…`.
    public static var prefix: String { "reg" }
}

/// An app that residents use.
public enum AppKind: IdentifierKind {
    /// In text `app_…`.
    public static var prefix: String { "app" }
}

/// A credential of a panel or a device.
public enum CredentialKind: IdentifierKind {
    /// In text `cred_…`.
    public static var prefix: String { "cred" }
}

/// An entry of an outbox or of an audit log.
public enum EventKind: IdentifierKind {
    /// In text `evt_…`.
    public static var prefix: String { "evt" }
}

/// A visitor pass.
public enum PassKind: IdentifierKind {
    /// In text `pass_…`.
    public static var prefix: String { "pass" }
}

/// Names a property.
public typealias PropertyID = ID<PropertyKind>

/// Names a unit of a property.
public typealias UnitID = ID<UnitKind>

/// Names a person's account.
public typealias AccountID = ID<AccountKind>

/// Names a resident of one property.
public typealias ResidentID = ID<ResidentKind>

/// Names a resident's time in a unit.
public typealias OccupancyID = ID<OccupancyKind>

/// Names a resident's device.
public typealias DeviceID = ID<DeviceKind>

/// Names a door panel.
public typealias PanelID = ID<PanelKind>

/// Names a door.
public typealias DoorID = ID<DoorKind>

/// Names a ring group of a unit.
public typealias RingGroupID = ID<RingGroupKind>

/// Names a call.
public typealias CallID = ID<CallKind>

/// Names a door command.
public typealias CommandID = ID<CommandKind>

/// Names a session of a panel or a device.
public typealias SessionID = ID<SessionKind>

/// Names a push.
public typealias PushID = ID<PushKind>

/// Names a device's push registration.
public typealias RegistrationID = ID<RegistrationKind>

/// Names an app that residents use.
public typealias AppID = ID<AppKind>

/// Names a credential of a panel or a device.
public typealias CredentialID = ID<CredentialKind>

/// Names an entry of an outbox or of an audit log.
public typealias EventID = ID<EventKind>

/// Names a visitor pass.
public typealias PassID = ID<PassKind>
