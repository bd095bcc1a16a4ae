// SPDX-License-Identifier: Apache-2.0
#include "tinybird/datafile.hpp"

#include <algorithm>
#include <string>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"

namespace tinybird_cdk::tinybird {

namespace {

std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

bool is_indented(std::string_view line) {
    return core::trim(line).empty() || line.front() == ' ' || line.front() == '\t';
}

std::string unquoted(std::string_view value) {
    const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    return std::string(quoted ? value.substr(1, value.size() - 2) : value);
}

}  // namespace

Parameters parameters_of_datafile(std::string_view text) {
    Parameters parameters;
    bool has_schema = false;
    while (!text.empty()) {
        const std::string_view line = core::trim(take_line(text));
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
        const std::string keyword = core::to_lower(line.substr(0, end));
        std::string value = unquoted(core::trim(line.substr(end)));
        if (value == ">") {
            // The indented lines that follow.
            value.clear();
            while (!text.empty() && is_indented(text.substr(0, text.find('\n')))) {
                const std::string_view more = core::trim(take_line(text));
                value += value.empty() || more.empty() ? "" : keyword == "description" ? "\n" : " ";
                value += more;
            }
        }
        has_schema = has_schema || (keyword == "schema" && !value.empty());
        if (keyword == "schema" || keyword == "description" || keyword == "engine" || keyword.starts_with("engine_")) {
            parameters.emplace_back(keyword, std::move(value));
        }
    }
    if (!has_schema) {
        throw errors::InvalidArgument("the datafile has no SCHEMA", "A .datasource file begins with SCHEMA >.");
    }
    return parameters;
}

}  // namespace tinybird_cdk::tinybird
