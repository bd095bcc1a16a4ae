// SPDX-License-Identifier: Apache-2.0
#include "query_plan.hpp"

#include <cstdlib>
#include <variant>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/value.hpp>

#include "sql_text.hpp"

namespace tinybird_cdk::postgresql {

namespace {

/// Reading a smaller table whole costs nothing worth a word.
constexpr double large_table_rows = 100'000;

const Value* member(const Value& node, std::string_view name) {
    const auto* const record = std::get_if<Value::Record>(&node.variant());
    if (record != nullptr) {
        for (const auto& [key, value] : *record) {
            if (key == name) {
                return &value;
            }
        }
    }
    return nullptr;
}

std::string text_of(const Value& node, std::string_view name) {
    const Value* const value = member(node, name);
    return value == nullptr ? std::string() : value->to_text();
}

void walk(Connection& connection, const Value& node, QueryPlan& plan) {
    const PlanTable table{text_of(node, "Schema"), text_of(node, "Relation Name")};
    if (!table.name.empty() && !table.schema.empty()) {
        plan.tables.push_back(table);
        if (text_of(node, "Node Type") == "Seq Scan" && member(node, "Filter") != nullptr) {
            const ResultHandle rows = connection.run(
                fmt::format("SELECT reltuples FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass('{}')",
                            table.quoted_literal()));
            if (PQntuples(rows.get()) == 1 && std::strtod(PQgetvalue(rows.get(), 0, 0), nullptr) >= large_table_rows) {
                plan.scanned = table.name;
            }
        }
    }
    if (const Value* const children = member(node, "Plans")) {
        if (const auto* const list = std::get_if<Value::List>(&children->variant())) {
            for (const Value& child : *list) {
                walk(connection, child, plan);
            }
        }
    }
}

}  // namespace

std::string PlanTable::quoted_literal() const {
    std::string text;
    for (const char c : quoted_identifier(schema) + "." + quoted_identifier(name)) {
        text += c;
        if (c == '\'') {
            text += c;
        }
    }
    return text;
}

QueryPlan plan_of(Connection& connection, const std::string& query) {
    const ResultHandle explained = connection.run_query("EXPLAIN (VERBOSE, FORMAT JSON)\n" + query);
    QueryPlan plan;
    const Value document = Value::from_json(PQgetvalue(explained.get(), 0, 0));
    const auto* const list = std::get_if<Value::List>(&document.variant());
    if (list != nullptr && !list->empty()) {
        if (const Value* const root = member(list->front(), "Plan")) {
            plan.rows = static_cast<std::uint64_t>(std::strtod(text_of(*root, "Plan Rows").c_str(), nullptr));
            walk(connection, *root, plan);
        }
    }
    return plan;
}

}  // namespace tinybird_cdk::postgresql
