// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "sql_text.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::bigquery {

namespace {

struct Size {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
};

std::string dataset_path(const std::string& project, const std::string& dataset) {
    return fmt::format("projects/{}/datasets/{}", part(project), part(dataset));
}

std::vector<Value> tables_of(Api& api, const std::string& project, const std::string& dataset,
                             const std::stop_token& stop) {
    return api.list(dataset_path(project, dataset) + "/tables", "tables",
                    fmt::format("the tables of {}.{} can't be listed", project, dataset), stop);
}

std::string name_of(const Value& table) {
    return rest::text_at(table, {"tableReference", "tableId"});
}

/// The one of those with such a name whose columns BigQuery takes for all of them: the one that was made last. Views
/// can't be read so. Empty: there is none
/// (https://cloud.google.com/bigquery/docs/querying-wildcard-tables#schema_used_for_query_evaluation).
std::string last_made(const std::vector<Value>& tables, std::string_view stem) {
    std::pair<std::uint64_t, std::string> last;
    for (const Value& table : tables) {
        std::string name = name_of(table);
        if (name.starts_with(stem) && rest::text_at(table, {"type"}) == "TABLE") {
            const std::string text = rest::text_at(table, {"creationTime"});
            std::uint64_t made = 0;
            std::from_chars(text.data(), text.data() + text.size(), made);
            last = std::max(last, {made, std::move(name)});
        }
    }
    return last.second;
}

/// As in "MATERIALIZED_VIEW".
std::string kind_of(const Value& table) {
    std::string kind = rest::text_at(table, {"type"});
    for (char& c : kind) {
        c = c == '_' ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return kind == "external" ? "external table" : kind;
}

/// Nothing: BigQuery does not know it.
std::optional<std::uint64_t> number_of(const Value& value) {
    const auto* const number = std::get_if<std::int64_t>(&value.variant());
    return number == nullptr || *number < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(*number));
}

/// The column that each query of the table must have a condition on; empty: there is none, or it is not among the
/// columns (https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#Table, requirePartitionFilter).
std::string needs_condition_on(const Value& table) {
    if (rest::text_at(table, {"requirePartitionFilter"}) != "true") {
        return {};
    }
    std::string column = rest::text_at(table, {"timePartitioning", "field"});
    return column.empty() ? rest::text_at(table, {"rangePartitioning", "field"}) : column;
}

/// What BigQuery keeps of the tables of a dataset; of views it has nothing.
std::map<std::string, Size, std::less<>> sizes_of(const std::string& project, const std::string& dataset,
                                                  const std::function<ResultSet(const std::string& sql)>& counts) {
    std::map<std::string, Size, std::less<>> sizes;
    try {
        for (const Value::Record& row : counts(fmt::format("SELECT table_id, row_count, size_bytes FROM {}",
                                                           table_path(project, dataset, "__TABLES__")))) {
            const auto rows = number_of(row.at(1).second);
            const auto bytes = number_of(row.at(2).second);
            if (rows && bytes) {
                sizes[row.at(0).second.to_text()] = {.rows = *rows, .bytes = *bytes};
            }
        }
    } catch (const errors::ExternalDatasourceError& error) {
        // Who may list tables need not be allowed to run queries.
        logger::info(fmt::format("the sizes of the tables are not known: {}", error.what()));
    }
    return sizes;
}

}  // namespace

std::vector<ScopeItem> list_projects(Api& api, const std::stop_token& stop) {
    std::vector<ScopeItem> items;
    for (const Value& project : api.list("projects", "projects", "the projects can't be listed", stop)) {
        std::string id = rest::text_at(project, {"projectReference", "projectId"});
        items.push_back({.name = id, .value = id, .kind = {}, .rows = {}, .bytes = {}});
    }
    return items;
}

std::vector<ScopeItem> list_datasets(Api& api, const std::string& project, const std::stop_token& stop) {
    std::vector<ScopeItem> items;
    for (const Value& dataset :
         api.list(fmt::format("projects/{}/datasets", part(project)), "datasets",
                  fmt::format("the datasets of the project {} can't be listed", project), stop)) {
        std::string id = rest::text_at(dataset, {"datasetReference", "datasetId"});
        items.push_back({.name = id, .value = id, .kind = {}, .rows = {}, .bytes = {}});
    }
    return items;
}

std::vector<ScopeItem> list_tables(Api& api, const std::string& project, const std::string& dataset,
                                   const std::function<ResultSet(const std::string& sql)>& counts,
                                   const std::stop_token& stop) {
    std::map<std::string, std::string, std::less<>> kinds;
    std::vector<std::string> names;
    std::vector<std::string> others;
    for (const Value& table : tables_of(api, project, dataset, stop)) {
        std::string name = name_of(table);
        kinds[name] = kind_of(table);
        (kinds[name] == "table" ? names : others).push_back(std::move(name));
    }
    if (kinds.empty()) {
        return {};
    }
    const auto sizes = sizes_of(project, dataset, counts);
    std::vector<ScopeItem> items;
    for (TableName& table : group_parts(std::move(names), std::move(others))) {
        ScopeItem item{.name = table.name, .value = table.name, .kind = "wildcard table", .rows = {}, .bytes = {}};
        if (table.parts.empty()) {
            item.kind = kinds[table.name];
            table.parts.push_back(table.name);
        } else {
            // What is read is all that begins like that, as "events_intraday_20240131" does.
            const std::string_view stem = std::string_view(table.name).substr(0, table.name.size() - 1);
            table.parts.clear();
            for (const auto& [name, kind] : kinds) {
                if (name.starts_with(stem)) {
                    table.parts.push_back(name);
                }
            }
        }
        // Views and external tables are in the list of sizes too, with 0, whatever they give.
        const bool has_size = item.kind != "view" && item.kind != "external table";
        if (has_size && std::all_of(table.parts.begin(), table.parts.end(),
                                    [&](const std::string& one) { return sizes.contains(one); })) {
            item.rows = 0;
            item.bytes = 0;
            for (const std::string& one : table.parts) {
                *item.rows += sizes.at(one).rows;
                *item.bytes += sizes.at(one).bytes;
            }
        }
        items.push_back(std::move(item));
    }
    return items;
}

schema::Schema suggest_schema(Api& api, const std::string& project, const std::string& dataset,
                              const std::string& table, const std::stop_token& stop) {
    std::string described = table;
    const bool is_in_parts = table.ends_with('*');
    if (is_in_parts) {
        const std::string_view stem = std::string_view(table).substr(0, table.size() - 1);
        described = last_made(tables_of(api, project, dataset, stop), stem);
        if (described.empty()) {
            throw errors::InvalidArgument(
                fmt::format("there is no table in {}.{} whose name begins with \"{}\"", project, dataset, stem));
        }
    }
    const Value document =
        api.get(fmt::format("{}/tables/{}", dataset_path(project, dataset), part(described)), {},
                fmt::format("the table {}.{}.{} can't be described", project, dataset, described), stop);
    const Value* const fields = rest::field_at(document, {"schema"});
    if (fields == nullptr) {
        throw errors::ExternalDatasourceError(
            fmt::format("BigQuery does not say which columns {}.{}.{} has", project, dataset, described));
    }
    schema::Schema schema;
    schema.scopes = {{"project", project}, {"dataset", dataset}, {"table", table}};
    schema.table = table;
    const std::string condition_on = needs_condition_on(document);
    for (Field& field : fields_of(*fields)) {
        // Parts that don't have the column give NULL.
        field.required = field.required && !is_in_parts;
        Suggestion suggestion = suggest_type(field);
        if (!condition_on.empty() && field.name == condition_on) {
            suggestion.remark += suggestion.remark.empty() ? "" : "; ";
            suggestion.remark +=
                "the table is read with a condition on this column only: load it by a query of your own";
        }
        schema.columns.push_back({.name = field.name,
                                  .source_type = type_text(field),
                                  .type = std::move(suggestion.type),
                                  .remark = std::move(suggestion.remark)});
    }
    return schema;
}

}  // namespace tinybird_cdk::bigquery
