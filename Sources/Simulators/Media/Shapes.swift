// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Shapes as functions of a point: 1 inside, 0 outside, smooth over `soft` units at the edge.
enum Shape {
    /// An ellipse; its edge is exact on the axes and close enough between them.
    static func ellipse(
        _ x: Float,
        _ y: Float,
        at centreX: Float,
        _ centreY: Float,
        _ radiusX: Float,
        _ radiusY: Float,
        soft: Float = 1.2
    ) -> Float {
        let dx = (x - centreX) / radiusX
        let dy = (y - centreY) / radiusY
        let distance = ((dx * dx + dy * dy).squareRoot() - 1) * min(radiusX, radiusY)
        return edge(distance, soft)
    }

    /// A rectangle with round corners.
    static func plate(
        _ x: Float,
        _ y: Float,
        _ box: Box,
        corner: Float,
        soft: Float = 1.2
    ) -> Float {
        let dx = abs(x - (box.left + box.right) / 2) - (box.right - box.left) / 2 + corner
        let dy = abs(y - (box.top + box.bottom) / 2) - (box.bottom - box.top) / 2 + corner
        let (outX, outY) = (max(dx, 0), max(dy, 0))
        let outside = (outX * outX + outY * outY).squareRoot()
        return edge(outside + min(max(dx, dy), 0) - corner, soft)
    }

    /// A thick line with round ends.
    static func limb(
        _ x: Float,
        _ y: Float,
        from: (Float, Float),
        to: (Float, Float),
        _ radius: Float,
        soft: Float = 1.2
    ) -> Float {
        let (wayX, wayY) = (to.0 - from.0, to.1 - from.1)
        let (dx, dy) = (x - from.0, y - from.1)
        let length = max(wayX * wayX + wayY * wayY, 0.001)
        let part = min(max((dx * wayX + dy * wayY) / length, 0), 1)
        let (restX, restY) = (dx - wayX * part, dy - wayY * part)
        return edge((restX * restX + restY * restY).squareRoot() - radius, soft)
    }

    /// A glow that fades from 1 in the middle to 0 at `radius`.
    static func glow(
        _ x: Float,
        _ y: Float,
        at centreX: Float,
        _ centreY: Float,
        _ radiusX: Float,
        _ radiusY: Float
    ) -> Float {
        let dx = (x - centreX) / radiusX
        let dy = (y - centreY) / radiusY
        let rest = max(0, 1 - dx * dx - dy * dy)
        return rest * rest
    }

    private static func edge(_ distance: Float, _ soft: Float) -> Float {
        min(max(0.5 - distance / soft, 0), 1)
    }
}
