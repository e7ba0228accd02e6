// SPDX-License-Identifier: Apache-2.0

/// Whether two byte strings are equal, in a time that depends on their lengths only.
package func equalInConstantTime(
    _ left: some Collection<UInt8>,
    _ right: some Collection<UInt8>
) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (one, other) in zip(left, right) { difference |= one ^ other }
    return difference == 0
}

/// `count` bytes from the kernel's generator, fit for keys and secrets.
package func secureRandomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}
