// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Which requests join objects. No network: a pure function of sizes.
namespace tinybird_cdk::cloud::s3 {

/// Bytes of the result: of an object, or new ones.
struct Piece {
    std::size_t object = 0;  ///< index of the object
    std::uint64_t from = 0;
    std::uint64_t length = 0;
    std::string literal = {};  ///< unless empty, these are the bytes

    [[nodiscard]] std::uint64_t size() const { return literal.empty() ? length : literal.size(); }
};

/// One part of the upload.
struct PlannedPart {
    bool copied = false;  ///< inside the store, of one piece; else its pieces go through memory
    std::vector<Piece> pieces;
};

struct JoinLimits {
    std::uint64_t smallest = 0;  ///< bytes of a part that is not the last
    std::uint64_t largest = 0;   ///< bytes that one request copies
    std::size_t most_parts = 0;
};

/// Cuts pieces in their order into parts. As few bytes as can be go through memory: small pieces, and what their
/// neighbours lend them until a part is large enough.
std::vector<PlannedPart> plan_join(const std::vector<Piece>& pieces, const JoinLimits& limits);

}  // namespace tinybird_cdk::cloud::s3
