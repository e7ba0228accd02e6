// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics
public import VestibuleWire

/// What a resident's client tells the app around it.
public enum ResidentEvent: Sendable, Equatable {
    case connection(ConnectionStatus)

    /// A call, new to this process, that rings here: ring.
    case incoming(ResidentCall)

    /// A call changed: answered here or elsewhere, silent, ended.
    case changed(ResidentCall)

    /// What media may be sent from now on; nil: none.
    case media(MediaRight?)

    /// The other side's connection was lost, or came back.
    case peer(call: CallID, present: Bool, grace: Duration?)

    /// The call's longest time is nearly over.
    case ending(call: CallID, remaining: Duration)

    /// What the panel sends: muted is not frozen.
    case peerMedia(call: CallID, MediaActivity)

    /// A key frame is wanted from the camera, of at most so many bytes.
    case keyFrameWanted(call: CallID, maxBytes: Int?)

    /// What the panel can take.
    case rate(call: CallID, kilobits: Int)

    case doorOpened(DoorOpened)

    /// The list of doors is to be fetched again.
    case doorsChanged

    case passUsed(PassUsed)

    /// The answer to what was asked with a tag.
    case answered(tag: Int, Result<Answer, RequestFailure>)

    /// A new credential is wanted within this time.
    case tokenExpiring(Duration)

    /// The server took the new credential, for this connection; later ones use it too.
    case tokenRenewed

    /// The new credential was not taken: the older one stays in use until it runs out.
    case tokenNotRenewed(RequestFailure)

    /// What happened while the connection was lost and is no longer for the screen.
    case log(ServerEvent)
}

/// What an app asks of its client.
///
/// Each is answered as ``ResidentEvent/answered(tag:_:)`` where
/// it has a tag.
public enum ResidentOrder: Sendable, Equatable {
    case answer(CallID, tag: Int? = nil)
    case decline(CallID, tag: Int? = nil)
    case ignore(CallID, tag: Int? = nil)
    case preview(CallID, tag: Int? = nil)
    case hangUp(CallID, tag: Int? = nil)

    /// Opens a door of the panel that calls; the first one where none is named.
    case unlock(CallID, door: DoorID? = nil, tag: Int? = nil)

    /// Opens a door without a call.
    case unlockDoor(DoorID, tag: Int? = nil)

    /// What is being sent in the call.
    case sending(CallID, MediaActivity)

    /// The screen needs a key frame of the panel's camera.
    case wantKeyFrame(CallID)

    /// Any other request.
    case ask(ClientRequest, tag: Int)
}
