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

/// What is known of the way of the rows, and what a preview that ran no query can't tell.
std::string way_text(const WarehousePreview& warehouse) {
    std::string text =
        fmt::format("Way: {} ({})\n", warehouse.via == "bucket" ? "by the bucket" : "directly", warehouse.why);
    if (warehouse.bytes_read) {
        text += fmt::format("The warehouse would read about {} ({} bytes) for the query{}.\n",
                            bytes_text(static_cast<double>(*warehouse.bytes_read)), count_text(*warehouse.bytes_read),
                            warehouse.billed ? ", which is what it bills" : "");
    }
    if (warehouse.billed) {
        text +=
            "The query was not run, for that is billed: how many rows it gives, how many bytes are loaded, and whether "
            "each value fits was not looked at.\n";
    }
    return text;
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
    text += "\n";
    if (preview.warehouse) {
        text += way_text(*preview.warehouse);
    }
    if (!preview.warehouse || !preview.warehouse->billed) {
        text += fmt::format("First {} rows: {}\n", count_text(preview.sampled_rows),
                            preview.refusal.empty() ? "all fit" : "refused: " + preview.refusal);
    }
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
    Value warehouse;
    if (preview.warehouse) {
        warehouse = Value::Record{{"via", preview.warehouse->via},
                                  {"why", preview.warehouse->why},
                                  {"bytes_read", optional_count(preview.warehouse->bytes_read)},
                                  {"billed", Value(preview.warehouse->billed)},
                                  {"query_was_run", Value(!preview.warehouse->billed)}};
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
                               {"warehouse", warehouse},
                               {"requests", requests}})
               .to_json() +
           "\n";
}

}  // namespace tinybird_cdk::cli
