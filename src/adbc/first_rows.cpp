// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/first_rows.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"

namespace tinybird_cdk::adbc {

namespace {

constexpr const char* digits = "0123456789";

/// What a name was before a number told it from another one: in a subquery DuckDB makes "a_1" of a second "a", and
/// SQLite "a:1". Empty: it has no such number.
std::string without_number(const std::string& name) {
    const std::size_t last = name.find_last_not_of(digits);
    if (last == std::string::npos || last + 1 == name.size() || (name[last] != '_' && name[last] != ':')) {
        return {};
    }
    return name.substr(0, last);
}

/// Whether two columns have one name, or may have had it.
bool may_repeat(std::vector<std::string> names) {
    std::transform(names.begin(), names.end(), names.begin(), core::to_lower);
    std::sort(names.begin(), names.end());
    return std::adjacent_find(names.begin(), names.end()) != names.end() ||
           std::any_of(names.begin(), names.end(), [&](const std::string& name) {
               const std::string before = without_number(name);
               return !before.empty() && std::binary_search(names.begin(), names.end(), before);
           });
}

/// Nothing: it can't be run.
std::optional<std::vector<std::string>> names_unless_refused(const std::string& sql, const NamesOfColumns& names) {
    try {
        return names(sql);
    } catch (const errors::ExternalDatasourceError& error) {
        if (error.retryable()) {
            throw;
        }
        return std::nullopt;
    }
}

std::string around(const std::string& sql, std::uint64_t rows) {
    return fmt::format("SELECT * FROM (\n{}\n) tb_cdk_query LIMIT {}", sql, rows);
}

std::vector<std::string> names_in(const ArrowSchema& schema) {
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < schema.n_children; ++i) {
        const char* const name = schema.children[i]->name;
        names.emplace_back(name == nullptr ? "" : name);
    }
    return names;
}

}  // namespace

std::string first_rows(const std::string& sql, std::uint64_t rows, const NamesOfColumns& names) {
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    rows = std::min(rows, most);
    std::string behind = fmt::format("{}\nLIMIT {}", sql, rows);
    if (names_unless_refused(behind, names)) {
        return behind;
    }
    std::string outside = around(sql, rows);
    const auto found = names_unless_refused(outside, names);
    return found && !may_repeat(*found) ? outside : sql;
}

std::string first_rows(const Source& source, const Environment& environment, const std::string& sql, std::uint64_t rows,
                       const std::stop_token& stop, std::optional<std::chrono::milliseconds> statement_timeout) {
    return first_rows(sql, rows, [&](const std::string& limited) {
        const auto batches =
            query_batches(source, environment, around(limited, 0), std::nullopt, stop, statement_timeout);
        return names_in(*batches->open().schema());
    });
}

}  // namespace tinybird_cdk::adbc
