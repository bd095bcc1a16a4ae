// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tinybird_cdk::local::ingest {

/// One value of a record as the input has it, without quotes and escapes. The text lives as long as the record.
struct Field {
    enum class Kind : std::uint8_t {
        absent,   ///< the record does not name it, or has an empty field of CSV there
        null,     ///< null, \N
        text,     ///< a text, a number
        boolean,  ///< true and false of JSON
        nested    ///< an array or object of JSON, as it is written
    };
    Kind kind = Kind::absent;
    std::string_view text;

    [[nodiscard]] bool missing() const noexcept { return kind == Kind::absent || kind == Kind::null; }
};

}  // namespace tinybird_cdk::local::ingest
