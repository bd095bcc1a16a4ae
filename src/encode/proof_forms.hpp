// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <tinybird_cdk/schema.hpp>

/// The one form of a value of each type, from the text it is written with. All are pure functions that return false
/// for a text whose value is not clear.
namespace tinybird_cdk::encode {

/// How the lowest and the highest of a type are found.
enum class ProofOrder {
    number,  ///< as digits
    real,    ///< floats, whose form is their bits
    text,    ///< byte by byte
    none     ///< lists, maps and tuples: only their checksum is compared
};

bool has_proof(const schema::Type& type) noexcept;
ProofOrder proof_order(const schema::Type& type) noexcept;
bool proof_form(const schema::Type& type, std::string_view written, std::string& form);

}  // namespace tinybird_cdk::encode
