// SPDX-License-Identifier: Apache-2.0
#include "framework/incremental_load.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::framework {

void refuse_for_incremental(const LoadOptions& options) {
    if (options.row_limit) {
        throw errors::InvalidArgument("a row limit would leave rows behind that the next incremental load does not see",
                                      "Leave the row limit out.");
    }
    if (!options.replace_condition.empty()) {
        throw errors::InvalidArgument("an incremental replace makes its own replace condition",
                                      "Leave the replace condition out, or the incremental column.");
    }
    for (const Hazard hazard : {Hazard::date_range, Hazard::number_range}) {
        if (options.hazards.get(hazard) == HazardPolicy::clamp) {
            throw errors::InvalidArgument(
                fmt::format("{}=clamp could change how far an incremental load came", name(hazard)),
                "Choose another policy.");
        }
    }
}

ResultColumn cursor_column(const std::vector<ResultColumn>& columns, const std::string& name) {
    const auto is_it = [&](const ResultColumn& column) { return column.name == name; };
    const auto count = std::count_if(columns.begin(), columns.end(), is_it);
    if (count != 1) {
        throw errors::InvalidArgument(
            fmt::format("the query has {} named \"{}\"", count == 0 ? "no column" : "more than one column", name),
            "The incremental column must be one of the query's.");
    }
    return *std::find_if(columns.begin(), columns.end(), is_it);
}

void say_range(const std::string& column, const std::string& data_source, const IncrementalRange& range) {
    std::string text = fmt::format("incremental load of \"{}\": ", data_source);
    if (range.range.from) {
        text += fmt::format("{} {} {}", column, range.range.from_inclusive ? "from" : "after", *range.range.from);
    } else {
        text += fmt::format("{} from the beginning, for the data source is empty", column);
    }
    if (range.range.empty) {
        text += ", nothing yet";
    } else if (range.range.to) {
        text += fmt::format(", {} {}", range.range.to_inclusive ? "up to" : "before", *range.range.to);
    }
    logger::info(text);
    for (const std::string& remark : range.remarks) {
        logger::warning(remark);
    }
}

}  // namespace tinybird_cdk::framework
