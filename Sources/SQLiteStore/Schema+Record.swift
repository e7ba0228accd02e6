// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// Version 2: what happened.
    ///
    /// The record refers to the directory by id only, without foreign keys: it outlives what it
    /// tells of, and keeps the names of its time. `calls` is the reading of `call_events` that
    /// history pages through. A key of REST has a `scope` (client and route), the hash of its body
    /// and its sealed answer instead of a fact.
    static let record = """
        CREATE TABLE calls (
            call BLOB PRIMARY KEY CHECK (length(call) = 16),
            property BLOB NOT NULL CHECK (length(property) = 16),
            unit BLOB NOT NULL CHECK (length(unit) = 16),
            unit_label TEXT NOT NULL,
            panel BLOB NOT NULL CHECK (length(panel) = 16),
            panel_name TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            events INTEGER NOT NULL,
            answered_at INTEGER,
            answered_by BLOB,
            answered_by_device BLOB,
            answered_by_name TEXT,
            ended_at INTEGER,
            outcome TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX calls_by_property ON calls (property, call);
        CREATE INDEX calls_by_unit ON calls (unit, call);
        CREATE INDEX calls_by_panel ON calls (panel, call);
        CREATE INDEX calls_by_end ON calls (ended_at);

        CREATE TABLE call_events (
            call BLOB NOT NULL REFERENCES calls (call),
            idx INTEGER NOT NULL,
            property BLOB NOT NULL,
            format INTEGER NOT NULL,
            at INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (call, idx)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE keys (
            number INTEGER PRIMARY KEY,
            property BLOB,
            principal_kind TEXT NOT NULL,
            principal BLOB NOT NULL CHECK (length(principal) = 16),
            scope TEXT NOT NULL DEFAULT '',
            key TEXT NOT NULL,
            fact TEXT CHECK (json_valid(fact)),
            body_hash BLOB,
            answer BLOB,
            at INTEGER NOT NULL,
            UNIQUE (principal_kind, principal, scope, key)
        ) STRICT;
        CREATE INDEX keys_by_time ON keys (at);

        CREATE TABLE door_attempts (
            command BLOB PRIMARY KEY CHECK (length(command) = 16),
            property BLOB NOT NULL CHECK (length(property) = 16),
            panel BLOB NOT NULL CHECK (length(panel) = 16),
            door BLOB NOT NULL CHECK (length(door) = 16),
            door_name TEXT NOT NULL,
            by_kind TEXT NOT NULL,
            by_id BLOB NOT NULL,
            by_name TEXT NOT NULL,
            device BLOB,
            way TEXT NOT NULL,
            call BLOB,
            at INTEGER NOT NULL,
            deadline INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX door_attempts_by_property ON door_attempts (property, command);
        CREATE INDEX door_attempts_by_call ON door_attempts (call, command)
            WHERE call IS NOT NULL;
        CREATE INDEX door_attempts_by_person ON door_attempts (by_id, command);
        CREATE INDEX door_attempts_by_time ON door_attempts (at);

        CREATE TABLE door_results (
            number INTEGER PRIMARY KEY,
            command BLOB NOT NULL REFERENCES door_attempts (command),
            property BLOB NOT NULL,
            outcome TEXT NOT NULL,
            detail TEXT,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX door_results_by_command ON door_results (command, number);

        CREATE TABLE pushes (
            number INTEGER PRIMARY KEY,
            push BLOB NOT NULL CHECK (length(push) = 16),
            property BLOB,
            call BLOB,
            device BLOB NOT NULL,
            registration BLOB,
            kind TEXT NOT NULL,
            notifier TEXT NOT NULL,
            verdict TEXT NOT NULL,
            reason TEXT,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX pushes_by_call ON pushes (call, number) WHERE call IS NOT NULL;
        CREATE INDEX pushes_by_device ON pushes (device, number);
        CREATE INDEX pushes_by_push ON pushes (push);
        CREATE INDEX pushes_by_time ON pushes (at);
        """
}
