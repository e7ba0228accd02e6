// SPDX-License-Identifier: Apache-2.0

/// A line of a plot.
package struct Curve {
    package struct Point: Codable, Equatable, Sendable {
        package let x: Double
        package let y: Double

        package init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// Written at its end, in its colour.
    package let name: String
    package let points: [Point]

    /// Which of the colours; a reader may not see them, so each line has its name beside it.
    package let colour: Int

    /// Of less weight: what the others are held against.
    package let isFaint: Bool

    package init(_ name: String, _ points: [Point], colour: Int, isFaint: Bool = false) {
        self.name = name
        self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
        self.colour = colour % Self.colours
        self.isFaint = isFaint
    }

    /// As many as the style sheet has.
    static let colours = 6

    /// At most `count` stretches of the line, of each the lowest and the highest point: no peak is
    /// lost.
    package func thinned(to count: Int) -> [Point] {
        guard points.count > 2 * count, let first = points.first, let last = points.last else {
            return points
        }
        let width = (last.x - first.x) / Double(count)
        guard width > 0 else { return points }
        let stretches = Dictionary(grouping: points) {
            min(count - 1, Int(($0.x - first.x) / width))
        }
        return stretches.sorted { $0.key < $1.key }.flatMap { _, points in
            let ends = [points.min { $0.y < $1.y }, points.max { $0.y < $1.y }].compactMap { $0 }
            return ends[0] == ends[1] ? [ends[0]] : ends.sorted { $0.x < $1.x }
        }
    }
}
