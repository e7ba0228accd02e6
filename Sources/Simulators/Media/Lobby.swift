// SPDX-License-Identifier: Apache-2.0

import Foundation
import VestibuleCodecs

/// What stands still before a door camera: an entrance hall at dusk.
enum Lobby {
    /// Where wall and floor meet.
    private static let skirting: Float = 318

    /// Paints the whole of it.
    static func paint(_ canvas: inout Canvas) {
        wall(&canvas)
        floor(&canvas)
        door(&canvas)
        letterboxes(&canvas)
        plant(&canvas)
        lamp(&canvas)
        vignette(&canvas)
    }

    private static func wall(_ canvas: inout Canvas) {
        let upper = Colour(96, 92, 104)
        let lower = Colour(150, 134, 118)
        canvas.paint(Box(-canvas.reach, 0, canvas.reach, skirting)) { x, y in
            (upper.mixed(lower, y / skirting).lit(1 - abs(x) / 1_600), 1)
        }
        canvas.paint(Box(-canvas.reach, skirting - 12, canvas.reach, skirting), Colour(70, 58, 52))
        {
            _,
            _ in 0.9
        }
    }

    /// Tiles in perspective; far away they fade into their mean before they could flicker.
    private static func floor(_ canvas: inout Canvas) {
        let light = Colour(142, 128, 116)
        let dark = Colour(92, 82, 78)
        let far = Colour(112, 101, 94)
        canvas.paint(Box(-canvas.reach, skirting, canvas.reach, 480)) { x, y in
            let depth = 9_000 / (y - 248)
            let across = x * depth / 6_200
            let softness = max(0.02, depth * 0.0006)
            let columns = wave(across, softness)
            let rows = wave(depth / 24, softness * 1.5)
            let tile = 0.5 + 0.5 * columns * rows
            let near = min(1, (y - skirting) / 60 + 0.25)
            return (far.mixed(dark.mixed(light, tile), near).lit(0.75 + (y - skirting) / 500), 1)
        }
    }

    /// +1 and −1 by turns along a line, with soft edges.
    private static func wave(_ x: Float, _ softness: Float) -> Float {
        let place = sin(x * .pi) / max(softness * .pi, 0.01)
        return min(max(place, -1), 1)
    }

    private static func door(_ canvas: inout Canvas) {
        let frame = Box(96, 74, 262, skirting)
        canvas.paint(frame.grown(by: 2), Colour(44, 40, 42)) {
            Shape.plate($0, $1, frame, corner: 4)
        }
        let night = Colour(38, 58, 96)
        let dusk = Colour(206, 148, 118)
        for glass in [Box(106, 84, 176, 308), Box(182, 84, 252, 308)] {
            canvas.paint(glass) { x, y in
                (
                    night.mixed(dusk, (y - 110) / 190),
                    Shape.plate(x, y, glass, corner: 2)
                )
            }
            skyline(&canvas, glass)
        }
        canvas.paint(Box(166, 190, 192, 240), Colour(214, 200, 176)) { x, y in
            max(
                Shape.plate(x, y, Box(169, 192, 173, 238), corner: 2),
                Shape.plate(x, y, Box(185, 192, 189, 238), corner: 2)
            )
        }
        // The evening light that falls through the glass.
        canvas.paint(Box(20, skirting, 320, 440), Colour(232, 178, 142)) { x, y in
            let slope = (y - skirting) * 0.35
            let inside = Shape.plate(
                x + slope,
                y,
                Box(104, skirting - 40, 254, 430),
                corner: 30,
                soft: 40
            )
            return inside * max(0, 0.34 - (y - skirting) / 420)
        }
    }

    /// Houses and lamps across the street, behind one pane.
    private static func skyline(_ canvas: inout Canvas, _ glass: Box) {
        let roofs: [(Float, Float)] = [(100, 236), (132, 214), (160, 246), (196, 222), (230, 240)]
        for (left, top) in roofs {
            let house = Box(max(left, glass.left), top, min(left + 30, glass.right), glass.bottom)
            guard house.left < house.right else { continue }
            canvas.paint(house, Colour(46, 44, 60)) { _, _ in 0.85 }
        }
        let lamps: [(Float, Float, Float)] = [
            (122, 262, 7), (150, 276, 5), (164, 232, 4), (204, 268, 8), (236, 254, 5),
        ]
        for (x, y, radius) in lamps where x > glass.left && x < glass.right {
            let colour = Colour(255, 214, 140)
            canvas.paint(Box(at: x, y, halfWidth: radius * 2, halfHeight: radius * 2), colour) {
                0.8 * Shape.ellipse($0, $1, at: x, y, radius, radius, soft: 3)
            }
        }
    }

    private static func letterboxes(_ canvas: inout Canvas) {
        let cabinet = Box(-282, 118, -140, 246)
        canvas.paint(cabinet.grown(by: 12), Colour(30, 28, 30)) {
            0.35 * Shape.plate($0 - 4, $1 - 6, cabinet, corner: 6, soft: 12)
        }
        canvas.paint(cabinet.grown(by: 2), Colour(86, 90, 96)) {
            Shape.plate($0, $1, cabinet, corner: 5)
        }
        for index in 0..<16 {
            let left = cabinet.left + 6 + Float(index % 4) * 33
            let top = cabinet.top + 6 + Float(index / 4) * 30
            let flap = Box(left, top, left + 30, top + 26)
            let metal = Colour(158, 162, 166).lit(
                index % 5 == 2 ? 1.12 : 1 - Float(index % 3) * 0.04
            )
            canvas.paint(flap.grown(by: 1), metal) { Shape.plate($0, $1, flap, corner: 2.5) }
            let slot = Box(left + 5, top + 5, left + 25, top + 8)
            canvas.paint(slot.grown(by: 1), Colour(48, 48, 54)) {
                Shape.plate($0, $1, slot, corner: 1)
            }
            let name = Box(left + 8, top + 15, left + 22, top + 20)
            canvas.paint(name.grown(by: 1), Colour(236, 230, 214)) {
                0.9 * Shape.plate($0, $1, name, corner: 1)
            }
        }
    }

    private static func plant(_ canvas: inout Canvas) {
        let leaves: [(Float, Float, Float)] = [
            (-64, -70, 0.62), (-40, -112, 0.75), (-10, -128, 0.9), (24, -118, 1), (52, -84, 0.85),
            (-26, -62, 0.7), (30, -58, 1.05),
        ]
        let (x, y) = (Float(-262), Float(352))
        canvas.paint(Box(at: x, 428, halfWidth: 70, halfHeight: 18), Colour(20, 18, 20)) {
            0.5 * Shape.glow($0, $1, at: x, 428, 70, 18)
        }
        for (dx, dy, light) in leaves {
            canvas.paint(
                Box(at: x, y - 60, halfWidth: 90, halfHeight: 100),
                Colour(70, 116, 74).lit(light)
            ) { px, py in
                let part = min(max((y - py) / max(-dy, 1), 0), 1)
                let thick = 2 + 12 * sin(part * .pi * 0.92)
                return Shape.limb(
                    px,
                    py,
                    from: (x, y),
                    to: (x + dx, y + dy),
                    thick,
                    soft: 2
                )
            }
        }
        let pot = Colour(176, 104, 76)
        canvas.paint(Box(x - 40, y - 6, x + 40, y + 80)) { px, py in
            let narrow = (py - y) * 0.16
            let body = Box(x - 34 + narrow, y, x + 34 - narrow, y + 74)
            return (pot.lit(1.05 - (px - x) / 110), Shape.plate(px, py, body, corner: 6))
        }
    }

    private static func lamp(_ canvas: inout Canvas) {
        canvas.paint(Box(-240, -10, 200, 330), Colour(255, 226, 176)) {
            0.5 * Shape.glow($0, $1, at: -20, 30, 215, 260)
        }
        canvas.paint(Box(-90, 0, 50, 60), Colour(255, 246, 224)) {
            max(
                Shape.ellipse($0, $1, at: -20, 40, 46, 9, soft: 3),
                0.7 * Shape.glow($0, $1, at: -20, 40, 68, 20)
            )
        }
    }

    private static func vignette(_ canvas: inout Canvas) {
        let reach = canvas.reach
        canvas.paint(Box(-reach, 0, reach, 480), Colour(8, 8, 12)) { x, y in
            let dx = x / reach
            let dy = (y - 240) / 240
            return min(0.72, max(0, (dx * dx + dy * dy - 0.45) * 0.42))
        }
    }
}
