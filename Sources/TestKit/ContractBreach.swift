// SPDX-License-Identifier: Apache-2.0

/// A way in which a store does not keep the contract; `sentence` says which and how.
package struct ContractBreach: Error, CustomStringConvertible {
    package let sentence: String

    package init(_ sentence: String) {
        self.sentence = sentence
    }

    package var description: String { sentence }
}
