// SPDX-License-Identifier: Apache-2.0
#include "cli/load_preview_text.hpp"

#include <fmt/format.h>

#include "cli/table_text.hpp"

namespace tinybird_cdk::cli {

namespace {

std::string size_text(const LoadPreview& preview) {
    const std::string_view about = preview.exact ? "" : "about ";
    const std::string rows = preview.rows ? fmt::format("{}{} rows", about, count_text(*preview.rows))
                                          : "as many rows as there are (not known)";
    return preview.bytes ? fmt::format("{}, {}{}", rows, about, bytes_text(static_cast<double>(*preview.bytes))) : rows;
}

Value optional_count(const std::optional<std::uint64_t>& count) {
    return count ? Value(static_cast<std::int64_t>(*count)) : Value();
}

}  // namespace

std::string preview_text(const LoadPreview& preview) {
    std::string text = fmt::format(
        "Would {} \"{}\"{}: {} as {}\n\n", preview.replace ? "replace" : "append to", preview.data_source,
        preview.replace_condition.empty() ? std::string() : fmt::format(" where {}", preview.replace_condition),
        size_text(preview), formats::name(preview.format));
    text += fmt::format("Query:\n{}\n\n", preview.query);
    std::vector<std::vector<std::string>> rows;
    for (const LoadPreview::Column& column : preview.columns) {
        rows.push_back({column.name, column.source_type, column.place, column.target ? column.target->to_string() : "?",
                        column.loss});
    }
    text += table_text({"column", "source type", "goes to", "type there", "remark"}, rows);
    text += fmt::format("\nFirst {} rows: {}\n", count_text(preview.sampled_rows),
                        preview.refusal.empty() ? "all fit" : "refused: " + preview.refusal);
    if (preview.plan) {
        text += fmt::format("Plan: {}\n", preview.plan->text());
    }
    text += preview.requests.empty() ? "No requests: there is nothing to append.\n" : "Requests:\n";
    for (const std::string& request : preview.requests) {
        text += fmt::format("  {}\n", request);
    }
    return text + "Nothing was written.\n";
}

std::string preview_json(const LoadPreview& preview) {
    Value::List columns;
    for (const LoadPreview::Column& column : preview.columns) {
        columns.emplace_back(Value::Record{{"name", column.name},
                                           {"source_type", column.source_type},
                                           {"place", column.place.empty() ? Value() : Value(column.place)},
                                           {"type", column.target ? Value(column.target->to_string()) : Value()},
                                           {"loss", column.loss.empty() ? Value() : Value(column.loss)}});
    }
    Value::List requests;
    for (const std::string& request : preview.requests) {
        requests.emplace_back(request);
    }
    Value plan;
    if (preview.plan) {
        plan = Value::Record{{"requests", Value(static_cast<std::int64_t>(preview.plan->requests))},
                             {"seconds_at_least", Value(static_cast<std::int64_t>(preview.plan->paced.count()))}};
    }
    return Value(Value::Record{{"data_source", preview.data_source},
                               {"mode", preview.replace ? "replace" : "append"},
                               {"replace_condition", preview.replace_condition},
                               {"format", std::string(formats::name(preview.format))},
                               {"query", preview.query},
                               {"columns", columns},
                               {"rows", optional_count(preview.rows)},
                               {"bytes", optional_count(preview.bytes)},
                               {"exact", Value(preview.exact)},
                               {"sampled_rows", Value(static_cast<std::int64_t>(preview.sampled_rows))},
                               {"refusal", preview.refusal.empty() ? Value() : Value(preview.refusal)},
                               {"plan", plan},
                               {"requests", requests}})
               .to_json() +
           "\n";
}

}  // namespace tinybird_cdk::cli
