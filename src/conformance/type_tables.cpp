// SPDX-License-Identifier: Apache-2.0
#include "conformance/type_tables.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "conformance/placeholders.hpp"

namespace tinybird_cdk::conformance {

namespace {

const char* table_of(const TypeCase& type) {
    return type.suggest ? "types" : "beyond";
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

}  // namespace

std::string export_name(const Subject& subject, Format format) {
    return fmt::format("{}_export_{}", schema::data_source_name(subject.name), formats::name(format));
}

std::string ingest_name(const Subject& subject) {
    return schema::data_source_name(subject.name) + "_ingest_query";
}

std::string column_definition(const Trial& trial, const TypeCase& type, const std::string& name) {
    return fmt::format("{} {} {}", trial.identifier(name), trial.named(type.source_type), trial.dialect().column_null);
}

TypeTables::TypeTables(Trial& trial) : trial_(trial) {
    std::vector<std::string> set_up;
    for (const TypeCase& type : trial.subject().types) {
        if (type.values.empty()) {
            reasons_[type.name] = "the subject gives no value of it";
        }
        rows_ = std::max(rows_, type.values.size());
        set_up.insert(set_up.end(), type.set_up.begin(), type.set_up.end());
    }
    for (std::string& statement : set_up) {
        statement = trial.named(statement);
    }
    if (!set_up.empty()) {
        trial.execute(set_up);
    }
    try {
        make("types", true);
        make("beyond", false);
    } catch (const std::exception&) {
        // Which one is it that the source does not take? The tables are made without it.
        for (const TypeCase& type : trial.subject().types) {
            try_alone(type);
        }
        trial.drop_tables({"types", "beyond"});
        make("types", true);
        make("beyond", false);
    }
}

void TypeTables::try_alone(const TypeCase& type) {
    const std::string name = "probe_" + type.name;
    std::vector<std::string> inserts;
    for (const std::string& value : type.values) {
        inserts.push_back(fmt::format("INSERT INTO {} VALUES ({})", trial_.table(name), trial_.named(value)));
    }
    try {
        trial_.make_table(name, column_definition(trial_, type, type.name), inserts);
    } catch (const std::exception& error) {
        reasons_[type.name] = error.what();
    }
}

std::string TypeTables::reason(const TypeCase& type) const {
    const auto found = reasons_.find(type.name);
    return found == reasons_.end() ? std::string() : found->second;
}

std::vector<const TypeCase*> TypeTables::cases() const {
    std::vector<const TypeCase*> cases;
    for (const TypeCase& type : trial_.subject().types) {
        if (reason(type).empty()) {
            cases.push_back(&type);
        }
    }
    return cases;
}

void TypeTables::make(const std::string& table, bool suggested) {
    std::string definition = fmt::format("id {} NOT NULL", trial_.dialect().integer);
    std::vector<const TypeCase*> types = cases();
    std::erase_if(types, [&](const TypeCase* type) { return type->suggest != suggested; });
    for (const TypeCase* type : types) {
        definition += ", " + column_definition(trial_, *type, type->name);
    }
    std::vector<std::string> inserts;
    for (std::size_t row = 0; row < rows_; ++row) {
        std::string values = std::to_string(row);
        for (const TypeCase* type : types) {
            values += ", " + trial_.named(type->values[row % type->values.size()]);
        }
        inserts.push_back(fmt::format("INSERT INTO {} VALUES ({})", trial_.table(table), values));
    }
    trial_.make_table(table, definition, inserts);
}

std::string TypeTables::query(const std::vector<const TypeCase*>& types) const {
    std::string columns = "a.id";
    for (const TypeCase* type : types) {
        columns += fmt::format(", {}.{}", type->suggest ? "a" : "b", trial_.identifier(type->name));
    }
    return fmt::format("SELECT {} FROM {} a JOIN {} b ON a.id = b.id", columns, trial_.table("types"),
                       trial_.table("beyond"));
}

schema::Schema TypeTables::target(const std::vector<const TypeCase*>& types) const {
    std::vector<std::pair<std::string, std::string>> columns{{"id", "Int64"}};
    for (const TypeCase* type : types) {
        columns.emplace_back(type->name, type->target_type);
    }
    return schema_of(columns);
}

/// A query of what the source says of a type's values: "-" for NULL, which no hexadecimal digits are.
std::string TypeTables::said(const TypeCase& type, std::size_t number) const {
    const std::string column = trial_.identifier(type.name);
    const std::string text = filled(type.source_text, {{"v", column}});
    return fmt::format("SELECT {} AS n, id, CASE WHEN {} IS NULL THEN '-' ELSE {} END AS said FROM {}", number, column,
                       filled(trial_.dialect().hex, {{"text", text}}), trial_.table(table_of(type)));
}

void TypeTables::ask_source(const std::vector<const TypeCase*>& types) {
    std::string query;
    for (std::size_t i = 0; i < types.size(); ++i) {
        query += (i == 0 ? "" : " UNION ALL ") + said(*types[i], i);
    }
    const std::vector<std::string> values =
        trial_.column("SELECT said FROM (" + query + ") AS said_of_all ORDER BY n, id");
    if (values.size() != types.size() * rows_) {
        fail("the source's words for its values", std::to_string(types.size() * rows_), std::to_string(values.size()));
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        expected_[types[i / rows_]->name].push_back(values[i] == "-" ? "-" : "=" + lower(values[i]));
    }
}

const std::vector<std::string>& TypeTables::expected(const TypeCase& type) {
    if (expected_.empty()) {
        try {
            ask_source(cases());
        } catch (const std::exception&) {
            // One of them is to blame, and will be found alone.
            expected_.clear();
        }
    }
    if (!expected_.contains(type.name)) {
        ask_source({&type});
    }
    return expected_.at(type.name);
}

TypeTables::Arrived TypeTables::arrived(const std::vector<const TypeCase*>& types,
                                        const std::string& data_source) const {
    std::string columns;
    for (const TypeCase* type : types) {
        const std::string column = "`" + type->name + "`";
        columns += fmt::format("{}if(isNull({}), '-', '=' || lower(hex({}))) AS said_{}", columns.empty() ? "" : ", ",
                               column, filled(type->target_text, {{"v", column}}), type->name);
    }
    Arrived arrived;
    for (const auto& row : trial_.tinybird().query("SELECT " + columns + " FROM " + data_source + " ORDER BY id")) {
        for (std::size_t i = 0; i < types.size(); ++i) {
            arrived[types[i]->name].push_back(row.at(i).second.to_text());
        }
    }
    return arrived;
}

void TypeTables::compare(const TypeCase& type, const std::vector<std::string>& right) {
    const std::vector<std::string>& left = expected(type);
    expect_equal("rows in the data source", rows_, right.size());
    for (std::size_t row = 0; row < left.size(); ++row) {
        if (left[row] != right[row]) {
            // As text, where it is text that a person can read: the difference of hexadecimal digits tells little.
            const auto readable = [](const std::string& value) {
                std::string text;
                for (std::size_t i = 1; i + 1 < value.size(); i += 2) {
                    text += static_cast<char>(std::stoi(value.substr(i, 2), nullptr, 16));
                }
                return value == "-" ? std::string("NULL") : "\"" + text + "\" (" + value.substr(1) + ")";
            };
            fail("the value " + type.values[row % type.values.size()], readable(left[row]), readable(right[row]));
        }
    }
}

}  // namespace tinybird_cdk::conformance
