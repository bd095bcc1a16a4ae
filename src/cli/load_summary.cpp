// SPDX-License-Identifier: Apache-2.0
#include "cli/load_summary.hpp"

#include <chrono>

#include <fmt/format.h>

#include "cli/table_text.hpp"

namespace tinybird_cdk::cli {

namespace {

Value list_of(const std::vector<std::string>& names) {
    Value::List list;
    for (const std::string& name : names) {
        list.emplace_back(name);
    }
    return list;
}

Value optional_count(const std::optional<std::uint64_t>& count) {
    return count ? Value(static_cast<std::int64_t>(*count)) : Value(nullptr);
}

}  // namespace

std::string LoadSummary::text() const {
    std::string line = fmt::format("{} {}", verb, data_source);
    if (const auto rows = result.rows ? result.rows : result.response.rows) {
        line += fmt::format(": {} rows", count_text(*rows));
    }
    if (result.bytes > 0) {
        const auto bytes = static_cast<double>(result.bytes);
        line += fmt::format(", {} in {} ({}/s)", bytes_text(bytes), duration_text(seconds),
                            bytes_text(seconds > 0 ? bytes / seconds : 0));
    }
    if (result.response.quarantined.value_or(0) > 0) {
        line += fmt::format(", {} in quarantine", count_text(*result.response.quarantined));
    }
    line += "\n";
    if (objects) {
        line += fmt::format("{} object(s) loaded, {} were in already\n", count_text(objects->loaded),
                            count_text(objects->there));
    }
    if (const auto& verification = result.verification) {
        line += fmt::format("verified: {} rows; values of {} column(s)", count_text(verification->rows),
                            verification->proved.size());
        if (!verification->counted_only.empty()) {
            line += fmt::format("; of {} only the NULLs", fmt::join(verification->counted_only, ", "));
        }
        line += "\n";
    }
    return line;
}

std::string LoadSummary::json() const {
    const bool came_by_url = result.bytes == 0 && result.response.rows.value_or(0) > 0;
    Value::Record record{
        {"data_source", data_source},
        {"mode", verb == "replaced" ? "replace" : "append"},
        {"rows", optional_count(result.rows)},
        {"bytes", came_by_url ? Value(nullptr) : Value(static_cast<std::int64_t>(result.bytes))},
        {"seconds", Value(seconds)},
        {"source_seconds",
         result.source_held ? Value(std::chrono::duration<double>(*result.source_held).count()) : Value(nullptr)},
        {"rows_loaded", optional_count(result.response.rows)},
        {"rows_quarantined", optional_count(result.response.quarantined)},
        {"invalid_lines", optional_count(result.response.invalid_lines)},
        {"import_id", result.response.import_id},
        {"job_id", result.response.job_id}};
    if (objects) {
        record.emplace_back("objects_loaded", Value(objects->loaded));
        record.emplace_back("objects_already_in", Value(objects->there));
    }
    if (result.incremental) {
        const CursorRange& range = result.incremental->range;
        record.emplace_back("incremental", Value::Record{{"from", range.from ? Value(*range.from) : Value()},
                                                         {"from_inclusive", Value(range.from_inclusive)},
                                                         {"to", range.to ? Value(*range.to) : Value()},
                                                         {"to_inclusive", Value(range.to_inclusive)},
                                                         {"replace_condition", result.incremental->replace_condition}});
    }
    if (const auto& verification = result.verification) {
        record.emplace_back("verification", Value::Record{{"rows", optional_count(verification->rows)},
                                                          {"proved", list_of(verification->proved)},
                                                          {"counted_only", list_of(verification->counted_only)}});
    }
    if (!result.left_behind.empty()) {
        record.emplace_back("left_behind", result.left_behind);
    }
    return Value(std::move(record)).to_json() + "\n";
}

}  // namespace tinybird_cdk::cli
