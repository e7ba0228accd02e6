// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// Version 1: who lives where and what belongs to whom.
    ///
    /// Ids are their 16 bytes, big-endian, so rows stand in the order of time. A row that joins two
    /// things of a property refers to both together with the property: none can join two
    /// properties. Devices belong to an account, which may live in several properties; until there
    /// are accounts, to a resident. A ring group's member is a resident or, at a front desk, an
    /// account; `member_kind` says as what it was added.
    static let directory = """
        CREATE TABLE directory (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            version INTEGER NOT NULL
        ) STRICT;
        INSERT INTO directory VALUES (1, 0);

        CREATE TABLE properties (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            name TEXT NOT NULL,
            time_zone TEXT NOT NULL,
            ring_timeout INTEGER,
            decline_ends_call INTEGER NOT NULL,
            settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE accounts (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE units (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            property BLOB NOT NULL REFERENCES properties (id),
            label TEXT NOT NULL,
            settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings)),
            UNIQUE (property, id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE residents (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            property BLOB NOT NULL REFERENCES properties (id),
            account BLOB REFERENCES accounts (id),
            name TEXT NOT NULL,
            listed_as TEXT,
            status TEXT NOT NULL,
            enabled INTEGER NOT NULL,
            quiet_hours TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(quiet_hours)),
            UNIQUE (property, id)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX residents_by_account ON residents (account, property)
            WHERE account IS NOT NULL;

        CREATE TABLE occupancies (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            property BLOB NOT NULL,
            resident BLOB NOT NULL,
            unit BLOB NOT NULL,
            from_at INTEGER NOT NULL,
            until_at INTEGER,
            FOREIGN KEY (property, resident) REFERENCES residents (property, id),
            FOREIGN KEY (property, unit) REFERENCES units (property, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX occupancies_by_resident ON occupancies (property, resident);
        CREATE INDEX occupancies_by_unit ON occupancies (property, unit);

        CREATE TABLE devices (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            property BLOB,
            account BLOB REFERENCES accounts (id),
            resident BLOB,
            name TEXT NOT NULL,
            revoked INTEGER NOT NULL,
            CHECK (account IS NOT NULL OR resident IS NOT NULL),
            CHECK ((property IS NULL) = (resident IS NULL)),
            FOREIGN KEY (property, resident) REFERENCES residents (property, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX devices_by_resident ON devices (property, resident);
        CREATE INDEX devices_by_account ON devices (account) WHERE account IS NOT NULL;

        CREATE TABLE apps (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            name TEXT NOT NULL,
            settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE push_registrations (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            property BLOB,
            device BLOB NOT NULL REFERENCES devices (id),
            app BLOB REFERENCES apps (id),
            notifier TEXT NOT NULL,
            kind TEXT NOT NULL,
            environment TEXT,
            token TEXT NOT NULL,
            registered_at INTEGER NOT NULL,
            state TEXT NOT NULL,
            parameters TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(parameters))
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX push_registrations_by_device ON push_registrations (device);
        CREATE INDEX push_registrations_by_app ON push_registrations (app)
            WHERE app IS NOT NULL;

        CREATE TABLE panels (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            property BLOB NOT NULL REFERENCES properties (id),
            name TEXT NOT NULL,
            revoked INTEGER NOT NULL,
            UNIQUE (property, id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE doors (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            property BLOB NOT NULL,
            panel BLOB NOT NULL,
            name TEXT NOT NULL,
            open_from_call INTEGER NOT NULL,
            position INTEGER NOT NULL,
            UNIQUE (property, id),
            FOREIGN KEY (property, panel) REFERENCES panels (property, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX doors_by_panel ON doors (property, panel);

        CREATE TABLE door_assignments (
            resident BLOB NOT NULL,
            door BLOB NOT NULL,
            property BLOB NOT NULL,
            PRIMARY KEY (resident, door),
            FOREIGN KEY (property, resident) REFERENCES residents (property, id),
            FOREIGN KEY (property, door) REFERENCES doors (property, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX door_assignments_by_door ON door_assignments (property, door);

        CREATE TABLE ring_groups (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            property BLOB NOT NULL,
            unit BLOB NOT NULL,
            name TEXT NOT NULL,
            position INTEGER NOT NULL,
            UNIQUE (property, id),
            FOREIGN KEY (property, unit) REFERENCES units (property, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX ring_groups_by_unit ON ring_groups (property, unit);

        CREATE TABLE ring_group_members (
            ring_group BLOB NOT NULL,
            position INTEGER NOT NULL,
            member_kind TEXT NOT NULL,
            resident BLOB,
            account BLOB REFERENCES accounts (id),
            property BLOB NOT NULL,
            PRIMARY KEY (ring_group, position),
            CHECK ((resident IS NULL) <> (account IS NULL)),
            FOREIGN KEY (property, ring_group) REFERENCES ring_groups (property, id),
            FOREIGN KEY (property, resident) REFERENCES residents (property, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX ring_group_members_by_group ON ring_group_members (property, ring_group);
        CREATE INDEX ring_group_members_by_resident ON ring_group_members (property, resident);
        CREATE INDEX ring_group_members_by_account ON ring_group_members (account)
            WHERE account IS NOT NULL;

        CREATE TABLE credentials (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            property BLOB,
            hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
            principal_kind TEXT NOT NULL,
            principal BLOB NOT NULL CHECK (length(principal) = 16)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX credentials_by_principal ON credentials (principal_kind, principal);

        CREATE TABLE policies (
            property BLOB NOT NULL REFERENCES properties (id),
            name TEXT NOT NULL,
            value TEXT NOT NULL CHECK (json_valid(value)),
            PRIMARY KEY (property, name)
        ) STRICT, WITHOUT ROWID;
        """
}
