// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a media frame: the sender's fault, counted, the 50th in 10 s closes.
@frozen
public enum MediaFault: Error, Sendable, Equatable, CaseIterable {
    /// Fewer bytes than a header, or no payload where one belongs.
    case short

    /// Another version than 1.
    case version

    /// No Opus packet.
    case audio

    /// No VP8 frame.
    case video

    /// The flag says another kind of VP8 frame than the payload is, or an inter frame came where
    /// only a key frame is allowed.
    case keyFlag

    /// A report that is not sixteen bytes.
    case report

    /// A handle of 0, or, for a scan, another.
    case handle

    /// A scan over the limit.
    case size
}

/// What is wrong with a frame as far as anyone can tell who has no state; nil is good.
///
/// Compares handle, flags, Opus TOC or VP8 tag with what the header's kind says.
/// What is encrypted end to end is taken by its header. Frames of unknown kinds and padding are
/// good here; the relay drops them. Neither allocates nor throws: each frame passes through.
@inlinable
public func checkMedia(_ header: MediaHeader, _ payload: UnsafeRawBufferPointer) -> MediaFault? {
    switch header.kind {
    case .audio:
        if header.handle == 0 { return .handle }
        if payload.isEmpty { return .short }
        return header.flags.contains(.sealed) || Opus.inspect(payload) != nil ? nil : .audio
    case .video, .photo:
        return header.handle == 0 ? .handle : checkVideo(header, payload)
    case .report:
        // Never sealed: the server reads it too.
        if header.handle == 0 { return .handle }
        return payload.count == ReceiverReport.size ? nil : .report
    case .scan:
        if header.handle != 0 { return .handle }
        return payload.count > WireProtocol.scanSize ? .size : checkVideo(header, payload)
    default:
        return nil
    }
}

/// The payload of what carries VP8.
@inlinable
func checkVideo(_ header: MediaHeader, _ payload: UnsafeRawBufferPointer) -> MediaFault? {
    let claimsKey = header.flags.contains(.key)
    if payload.isEmpty { return .short }
    if header.kind != .video && !claimsKey { return .keyFlag }
    if header.flags.contains(.sealed) { return nil }
    guard let tag = VP8.inspect(payload) else { return .video }
    return tag.isKey == claimsKey ? nil : .keyFlag
}

/// Reads the header of `frame` and checks the whole: what a relay does first with each frame.
@inlinable
public func inspectMedia(
    _ frame: UnsafeRawBufferPointer
) -> Result<MediaHeader, MediaFault> {
    guard let header = MediaHeader(frame) else {
        return .failure(frame.count < MediaHeader.size ? .short : .version)
    }
    if let fault = checkMedia(header, MediaHeader.payload(of: frame)) { return .failure(fault) }
    return .success(header)
}
