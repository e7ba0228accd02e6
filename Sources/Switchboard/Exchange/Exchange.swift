// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
package import VestibuleBasics

/// Names one loop's board.
package struct BoardIndex: Sendable, Hashable, Comparable {
    package let raw: Int

    package init(_ raw: Int) {
        self.raw = raw
    }

    package static func < (left: BoardIndex, right: BoardIndex) -> Bool { left.raw < right.raw }
}

/// What all boards share: who is where, which calls there are, which keys were used.
///
/// A few tables behind locks, asked once or twice a request, never by a media frame. Every claim
/// (a session's epoch, a panel's call, a device's talk, a key) is decided here in one step, so two
/// loops cannot both win.
package final class Exchange: Sendable {
    let places = Locked(PlaceTable())
    let calls = Locked(CallTable())
    let keys: Locked<KeyTable>
    let commands = Locked(CommandTable())

    /// The boards whose loops have too much to do.
    let overloaded = Locked(Set<BoardIndex>())
    package let guardian: Locked<AddressGuard>

    /// How long a key opens nothing again.
    let keyAge: Duration

    package init(limits: Limits) {
        keyAge = limits.door.key
        keys = Locked(KeyTable(limits: limits.door))
        guardian = Locked(AddressGuard(limits: limits.transport))
    }

    /// How many sessions have a socket; for metrics.
    package var connected: Int { places.withLock { $0.connected } }

    /// How many calls ring or are talked; for metrics.
    package var liveCalls: Int { calls.withLock { $0.live } }
}

/// Where each session is.
struct PlaceTable {
    struct Place: Equatable {
        var board: BoardIndex

        /// Grows with each `hello`; the higher one wins.
        var epoch: UInt64
        var hasSocket: Bool
    }

    private var places: [Principal: Place] = [:]
    private var lastEpoch: UInt64 = 0

    var connected: Int { places.values.count { $0.hasSocket } }

    subscript(principal: Principal) -> Place? { places[principal] }

    /// A `hello` was received: from now on the principal lives on this board.
    mutating func claim(_ principal: Principal, for board: BoardIndex) -> (Place, before: Place?) {
        lastEpoch += 1
        let before = places[principal]
        let place = Place(board: board, epoch: lastEpoch, hasSocket: true)
        places[principal] = place
        return (place, before)
    }

    /// The socket of this epoch is gone; its session is kept on its board for a while.
    mutating func detach(_ principal: Principal, epoch: UInt64) {
        guard places[principal]?.epoch == epoch else { return }
        places[principal]?.hasSocket = false
    }

    /// Nothing is kept of it any longer.
    mutating func forget(_ principal: Principal, epoch: UInt64) {
        guard places[principal]?.epoch == epoch else { return }
        places[principal] = nil
    }
}

/// Which calls there are, who owns them, whom they concern.
struct CallTable {
    private var owners: [CallID: BoardIndex] = [:]
    private var concerned: [Principal: [CallID]] = [:]
    private var panels: [PanelID: CallID] = [:]
    private var talking: [DeviceID: CallID] = [:]
    private var handles: Set<UInt32> = []

    var live: Int { panels.count }

    func owner(of call: CallID) -> BoardIndex? { owners[call] }

    /// The calls that concern somebody, oldest first: live ones and tombstones.
    func calls(of principal: Principal) -> [CallID] { concerned[principal] ?? [] }

    /// One live call a panel: answers nil where it has one already.
    mutating func start(
        _ call: CallID,
        by panel: PanelID,
        on board: BoardIndex,
        using random: inout some RandomNumberGenerator
    ) -> UInt32? {
        guard panels[panel] == nil else { return nil }
        var handle: UInt32 = 0
        while handle == 0 || handles.contains(handle) {
            handle = UInt32(truncatingIfNeeded: random.next())
        }
        take(call, by: panel, on: board, handle: handle, isLive: true)
        return handle
    }

    /// A call that was rebuilt after a restart.
    mutating func take(
        _ call: CallID,
        by panel: PanelID,
        on board: BoardIndex,
        handle: UInt32,
        isLive: Bool
    ) {
        owners[call] = board
        handles.insert(handle)
        if isLive { panels[panel] = call }
        concern(.panel(panel), call)
    }

    mutating func concern(_ principal: Principal, _ call: CallID) {
        var calls = concerned[principal] ?? []
        guard !calls.contains(call) else { return }
        calls.append(call)
        concerned[principal] = calls
    }

    /// One talk a device: false where it talks in another call.
    mutating func talk(_ device: DeviceID, in call: CallID) -> Bool {
        if let other = talking[device], other != call { return false }
        talking[device] = call
        return true
    }

    mutating func stopTalk(_ device: DeviceID, in call: CallID) {
        if talking[device] == call { talking[device] = nil }
    }

    /// The call is over: its panel may start another one.
    ///
    /// It stays known as a tombstone.
    mutating func end(_ call: CallID, of panel: PanelID) {
        if panels[panel] == call { panels[panel] = nil }
    }

    /// The tombstone is gone too.
    mutating func forget(_ call: CallID, handle: UInt32, concerned principals: [Principal]) {
        owners[call] = nil
        handles.remove(handle)
        for principal in principals {
            concerned[principal]?.removeAll { $0 == call }
            if concerned[principal]?.isEmpty == true { concerned[principal] = nil }
        }
    }
}

/// Which board waits for the result of which door command.
struct CommandTable {
    private var owners: [CommandID: BoardIndex] = [:]

    func owner(of command: CommandID) -> BoardIndex? { owners[command] }
    mutating func add(_ command: CommandID, on board: BoardIndex) { owners[command] = board }
    mutating func forget(_ command: CommandID) { owners[command] = nil }
}
