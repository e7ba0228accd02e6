// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics

/// `call.unlock`: a resident opens a door of the panel that calls.
public struct CallUnlock: Sendable, Equatable {
    /// The call in which the resident presses.
    public var call: CallID

    /// The first of the call's doors where absent.
    public var door: DoorID?

    /// Random, new for each press: the door opens once for it.
    public var key: String

    /// Asks for a door of a call.
    public init(call: CallID, door: DoorID? = nil, key: String) {
        self.call = call
        self.door = door
        self.key = key
    }
}

/// `device.status`: whether this device can be rung at all, which no system measures for us.
public struct DeviceStatus: Sendable, Equatable {
    /// What notices may do.
    public var notifications: NotificationPermission

    /// A mode that silences calls is on.
    public var focus: Bool

    /// The app may cover the lock screen.
    public var fullScreen: Bool

    /// The app may use the microphone.
    public var microphone: Bool

    /// The app may use the camera.
    public var camera: Bool

    /// The app is in front.
    public var foreground: Bool

    /// States what the system lets the app do.
    public init(
        notifications: NotificationPermission,
        focus: Bool,
        fullScreen: Bool,
        microphone: Bool,
        camera: Bool,
        foreground: Bool
    ) {
        self.notifications = notifications
        self.focus = focus
        self.fullScreen = fullScreen
        self.microphone = microphone
        self.camera = camera
        self.foreground = foreground
    }
}
