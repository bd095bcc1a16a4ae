// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tinybird_cdk::core {

/// Receives the parts of a JSON document in their order. Numbers come as their text: what they fit into is for the
/// receiver to decide.
class JsonEvents {
public:
    JsonEvents() = default;
    JsonEvents(const JsonEvents&) = delete;
    JsonEvents& operator=(const JsonEvents&) = delete;
    virtual ~JsonEvents() = default;

    // By value, for a receiver mostly keeps the text.
    // NOLINTBEGIN(performance-unnecessary-value-param)
    virtual void string(std::string /*text*/) {}
    virtual void key(std::string /*name*/) {}
    // NOLINTEND(performance-unnecessary-value-param)
    virtual void null() {}
    virtual void boolean(bool) {}
    virtual void number(std::string_view /*text*/) {}
    virtual void begin_array() {}
    virtual void end_array() {}
    virtual void begin_object() {}
    virtual void end_object() {}
};

struct JsonFailure {
    std::size_t position = 0;  ///< in bytes, from 0
    std::string_view reason;
};

/// Reads one document (RFC 8259) and nothing behind it. Strings must be UTF-8, and surrogates must come in pairs.
/// Uses no recursion, so any `deepest` is safe for the stack. @return nothing when all is well
///
/// Not nlohmann's parser, which refuses numbers beyond a double's range (PostgreSQL's jsonb holds 1e400), takes a NUL
/// byte for the end of the text, and reads numbers by the locale of the process.
std::optional<JsonFailure> read_json(std::string_view text, JsonEvents& events, std::size_t deepest);

/// Whether `text` is a number as JSON writes it (RFC 8259 §6).
bool is_json_number(std::string_view text) noexcept;

}  // namespace tinybird_cdk::core
