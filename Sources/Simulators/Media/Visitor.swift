// SPDX-License-Identifier: Apache-2.0

import Foundation
import VestibuleCodecs

/// Who stands before the camera: a courier with a cap and a parcel, who sways, blinks and waves.
struct Visitor {
    /// The colour of cap and jacket.
    var coat: Colour

    /// Paints the visitor as at a time.
    ///
    /// - Parameters:
    ///   - canvas: to paint on.
    ///   - seconds: since the first frame; every motion is a function of it alone.
    func paint(_ canvas: inout Canvas, at seconds: Float) {
        let x = -6 + 26 * sin(seconds * 0.9) + 7 * sin(seconds * 2.3 + 1)
        let y = 4 * sin(seconds * 1.8)
        shadow(&canvas, x)
        wavingArm(&canvas, x, y, seconds)
        body(&canvas, x, y)
        head(&canvas, x + 5 * sin(seconds * 0.9 + 0.6), y + 2 * sin(seconds * 2.7), seconds)
        parcel(&canvas, x, y + 3 * sin(seconds * 1.8 - 0.5))
    }

    private var skin: Colour { Colour(226, 176, 142) }

    private func shadow(_ canvas: inout Canvas, _ x: Float) {
        canvas.paint(Box(x - 190, 230, x + 200, 480), Colour(10, 8, 12)) {
            0.55 * Shape.glow($0, $1, at: x + 14, 420, 180, 170)
        }
    }

    /// Waves for three seconds out of eight; else the arm hangs.
    private func wavingArm(_ canvas: inout Canvas, _ x: Float, _ y: Float, _ seconds: Float) {
        let turn = seconds.truncatingRemainder(dividingBy: 8)
        let up = Self.ramp(turn, 0.3, 0.9) - Self.ramp(turn, 3.2, 3.9)
        let wave = up * sin(seconds * 9) * 20
        let shoulder = (x + 78, y + 304)
        let elbow = (x + 112 + 16 * up, y + 390 - 34 * up)
        let hand = (x + 106 + 44 * up + wave, y + 470 - 232 * up)
        let area = Box(x + 40, 180, x + 240, 480)
        canvas.paint(area, coat.lit(0.82)) {
            max(
                Shape.limb($0, $1, from: shoulder, to: elbow, 27),
                Shape.limb($0, $1, from: elbow, to: hand, 21)
            )
        }
        let palm = (hand.0 + wave * 0.16, hand.1 - 20 * up)
        canvas.paint(area, skin.lit(0.97)) { px, py in
            var most = Shape.ellipse(px, py, at: palm.0, palm.1, 17, 20)
            guard up > 0.5 else { return most }
            for finger in 0..<4 {
                let spread = Float(finger) * 9 - 13.5
                let tip = (palm.0 + spread * 1.35 + wave * 0.12, palm.1 - 36 + abs(spread) * 0.45)
                most = max(
                    most,
                    Shape.limb(px, py, from: (palm.0 + spread * 0.8, palm.1), to: tip, 5)
                )
            }
            let thumb = (palm.0 - 24, palm.1 - 10)
            return max(most, Shape.limb(px, py, from: (palm.0 - 8, palm.1 + 4), to: thumb, 5.5))
        }
    }

    private func body(_ canvas: inout Canvas, _ x: Float, _ y: Float) {
        let trunk = Box(x - 104, y + 268, x + 104, 560)
        canvas.paint(trunk.grown(by: 2)) { px, py in
            let light = 1.06 - (px - x) / 420 - (py - 268) / 1_400
            return (coat.lit(light), Shape.plate(px, py, trunk, corner: 66))
        }
        canvas.paint(Box(x - 60, y + 220, x + 60, y + 330), skin.lit(0.82)) {
            Shape.plate($0, $1, Box(x - 25, y + 218, x + 25, y + 296), corner: 22)
        }
        canvas.paint(Box(x - 70, y + 256, x + 70, y + 350), coat.lit(0.66)) { px, py in
            let left = Shape.limb(px, py, from: (x - 40, y + 272), to: (x - 2, y + 322), 11)
            let right = Shape.limb(px, py, from: (x + 40, y + 272), to: (x + 2, y + 322), 11)
            return max(left, right)
        }
        canvas.paint(Box(x - 4, y + 320, x + 4, 480), coat.lit(0.6)) { px, _ in
            abs(px - x) < 1.5 ? 0.9 : 0
        }
        let band = Box(x - 104, y + 372, x + 104, y + 386)
        canvas.paint(band, Colour(226, 230, 224)) { px, py in
            0.85 * Shape.plate(px, py, trunk, corner: 66) * (py > band.top ? 1 : 0)
        }
    }

    private func head(_ canvas: inout Canvas, _ x: Float, _ y: Float, _ seconds: Float) {
        let middle = y + 186
        canvas.paint(Box(x - 74, y + 100, x + 74, y + 270), skin.lit(0.86)) {
            max(
                Shape.ellipse($0, $1, at: x - 59, middle + 8, 10, 15),
                Shape.ellipse($0, $1, at: x + 59, middle + 8, 10, 15)
            )
        }
        canvas.paint(Box(x - 62, y + 104, x + 62, y + 268)) { px, py in
            let light = 1.05 - (px - x) / 400 - (py - middle) / 900
            return (skin.lit(light), Shape.ellipse(px, py, at: x, middle, 58, 74))
        }
        canvas.paint(Box(x - 62, middle - 40, x + 62, middle + 14), Colour(74, 50, 38)) { px, py in
            let inside = Shape.ellipse(px, py, at: x, middle, 58, 74)
            return abs(px - x) > 46 && py < middle + 6 ? inside : 0
        }
        face(&canvas, x, middle, seconds)
        cap(&canvas, x, middle)
    }

    private func face(_ canvas: inout Canvas, _ x: Float, _ middle: Float, _ seconds: Float) {
        let isBlinking = seconds.truncatingRemainder(dividingBy: 3.4) > 3.25
        let glance = 2.5 * sin(seconds * 0.7)
        for side: Float in [-1, 1] {
            let eye = (x + side * 23 + 2, middle - 2)
            let area = Box(at: eye.0, eye.1, halfWidth: 16, halfHeight: 26)
            let lid: Float = isBlinking ? 1.2 : 6.5
            canvas.paint(area, Colour(250, 248, 244)) {
                Shape.ellipse($0, $1, at: eye.0, eye.1, 9.5, lid)
            }
            canvas.paint(area, Colour(46, 34, 30)) {
                Shape.ellipse($0, $1, at: eye.0 + glance, eye.1, 4.6, min(lid, 5.2))
            }
            canvas.paint(area, Colour(74, 50, 38)) {
                Shape.limb(
                    $0,
                    $1,
                    from: (eye.0 - 10, eye.1 - 14 - side * 1.2),
                    to: (eye.0 + 10, eye.1 - 14 + side * 1.2),
                    1.9
                )
            }
        }
        canvas.paint(Box(x - 10, middle, x + 14, middle + 30), skin.lit(0.87)) {
            Shape.limb($0, $1, from: (x + 3, middle + 6), to: (x + 5, middle + 22), 3, soft: 4)
        }
        // Talks by turns: the mouth opens and closes within a smile.
        let open = 1.6 + 5 * max(0, sin(seconds * 7.1) * sin(seconds * 1.3))
        canvas.paint(Box(x - 30, middle + 28, x + 34, middle + 62), Colour(142, 62, 58)) { px, py in
            let bend = (px - x - 2) * (px - x - 2) / 90
            return Shape.ellipse(px, py + bend, at: x + 2, middle + 46, 21, open, soft: 1.6)
        }
    }

    private func cap(_ canvas: inout Canvas, _ x: Float, _ middle: Float) {
        canvas.paint(Box(x - 70, middle - 100, x + 70, middle - 20)) { px, py in
            let dome = Shape.ellipse(px, py, at: x, middle - 30, 63, 62)
            let light = 1.1 - (px - x) / 300
            return (coat.lit(light), py < middle - 26 ? dome : 0)
        }
        canvas.paint(Box(x - 80, middle - 44, x + 80, middle - 10), coat.lit(0.62)) { px, py in
            let bend = (px - x) * (px - x) / 420
            return Shape.ellipse(px, py + bend * 0.4 - 4, at: x, middle - 31, 70, 9)
        }
        canvas.paint(Box(at: x, middle - 62, halfWidth: 20, halfHeight: 16), Colour(244, 240, 228))
        {
            Shape.ellipse($0, $1, at: x, middle - 62, 14, 10)
        }
    }

    private func parcel(_ canvas: inout Canvas, _ x: Float, _ y: Float) {
        let box = Box(x - 128, y + 356, x + 36, y + 500)
        canvas.paint(box.grown(by: 8), Colour(20, 12, 10)) {
            0.4 * Shape.plate($0 - 3, $1 + 3, box, corner: 6, soft: 12)
        }
        canvas.paint(box.grown(by: 1)) { px, py in
            let light = 1.05 - (px - box.left) / 900 - (py - box.top) / 700
            return (Colour(196, 148, 98).lit(light), Shape.plate(px, py, box, corner: 4))
        }
        let middle = (box.left + box.right) / 2
        canvas.paint(Box(middle - 14, box.top, middle + 14, box.bottom), Colour(226, 196, 148)) {
            _,
            _ in 0.75
        }
        let label = Box(box.left + 14, y + 376, box.left + 60, y + 410)
        canvas.paint(label.grown(by: 1), Colour(246, 242, 234)) {
            Shape.plate($0, $1, label, corner: 2)
        }
        for line in 0..<3 {
            let top = label.top + 7 + Float(line) * 8
            canvas.paint(
                Box(label.left + 5, top, label.right - 6 - Float(line) * 8, top + 2.5),
                Colour(96, 90, 88)
            ) { _, _ in 0.9 }
        }
        canvas.paint(Box(x + 6, y + 380, x + 60, y + 440), skin) { px, py in
            var most: Float = 0
            for finger in 0..<4 {
                let top = y + 392 + Float(finger) * 11
                most = max(most, Shape.limb(px, py, from: (x + 50, top), to: (x + 20, top), 5.6))
            }
            return most
        }
        canvas.paint(Box(x + 24, y + 370, x + 130, 480), coat.lit(0.78)) {
            Shape.limb($0, $1, from: (x + 54, y + 408), to: (x + 118, y + 452), 26)
        }
    }

    private static func ramp(_ x: Float, _ from: Float, _ to: Float) -> Float {
        let part = min(max((x - from) / (to - from), 0), 1)
        return part * part * (3 - 2 * part)
    }
}
