// SPDX-License-Identifier: Apache-2.0
#include "local/events/judged_rows.hpp"

#include <fmt/format.h>

#include "local/conversion.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

JudgedRows judged_rows(const std::vector<schema::Column>& columns, ImportFormat format) {
    std::vector<std::string> values;
    std::vector<std::string> raw_texts;
    std::vector<std::string> bad;
    std::vector<std::string> bad_names;
    std::vector<std::string> reasons;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const schema::Column& column = columns[i];
        const Conversion conversion = conversion_of(column, i, format);
        values.push_back(conversion.value);
        raw_texts.push_back(conversion.raw);
        if (conversion.bad == "0") {
            continue;
        }
        bad.push_back(conversion.bad);
        bad_names.push_back(fmt::format("if({}, {}, '')", conversion.bad, literal(column.name)));
        reasons.push_back(
            fmt::format("if({}, concat('value ''', ifNull({}, ''), {}), '')", conversion.bad, conversion.raw,
                        literal(fmt::format("' on column '{}' is not {}", column.name, column.type.to_string()))));
    }
    return {fmt::format("{}", fmt::join(values, ", ")), bad.empty() ? "0" : fmt::format("({})", fmt::join(bad, " OR ")),
            fmt::format("{}", fmt::join(raw_texts, ", ")),
            fmt::format("arrayFilter(x -> x != '', [{}])", fmt::join(bad_names, ", ")),
            fmt::format("arrayFilter(x -> x != '', [{}])", fmt::join(reasons, ", "))};
}

}  // namespace tinybird_cdk::local
