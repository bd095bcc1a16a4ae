// SPDX-License-Identifier: Apache-2.0
#include "cli/types_text.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>
#include <tinybird_cdk/type_notes.hpp>

#include "cli/table_text.hpp"

namespace tinybird_cdk::cli {

namespace {

const ConnectorSpec& spec_of(std::string_view name) {
    const auto all = connectors();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto* spec) { return spec->name == name; });
    if (found == all.end()) {
        throw errors::UnknownConnectorError(fmt::format("there is no connector \"{}\"", name),
                                            "`tb-cdk connectors` lists what there is.");
    }
    if ((*found)->types == nullptr) {
        throw errors::InvalidArgument(fmt::format("connector \"{}\" has no table of types", name));
    }
    return **found;
}

std::vector<std::string> header() {
    std::vector<std::string> names{"source type", "ClickHouse type", "value"};
    for (const Format format : described_formats()) {
        names.emplace_back(format == Format::csv ? "CSV" : "NDJSON");
    }
    names.emplace_back("Parquet");
    names.emplace_back("remark");
    return names;
}

/// One row per example; the type stands in its first only.
std::vector<std::vector<std::string>> table_rows(const std::vector<DescribedType>& types) {
    std::vector<std::vector<std::string>> rows;
    for (const DescribedType& type : types) {
        bool first = true;
        for (const DescribedExample& example : type.examples) {
            std::vector<std::string> row{first ? type.source_type : "", first ? type.target.to_string() : "",
                                         example.literal};
            for (std::size_t i = 0; i < described_formats().size(); ++i) {
                row.push_back(example.refusal.empty() ? example.notations.at(i) : "");
            }
            row.push_back(first ? type.parquet : "");
            std::string remark = first ? type.remark : "";
            if (!example.refusal.empty()) {
                remark += (remark.empty() ? "refused: " : "; refused: ") + example.refusal;
            }
            row.push_back(std::move(remark));
            rows.push_back(std::move(row));
            first = false;
        }
    }
    return rows;
}

/// Code in a cell of a table. A pipe ends a cell even inside code, and code is fenced by more backticks than it has.
std::string code(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    std::string escaped;
    for (const char c : text) {
        escaped += c == '|' ? "\\|" : c == '\n' ? "↵" : std::string(1, c);
    }
    return text.find('`') == std::string_view::npos ? fmt::format("`{}`", escaped) : fmt::format("`` {} ``", escaped);
}

std::string plain(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        escaped += c == '|' || c == '<' || c == '*' || c == '_' || c == '`' ? std::string("\\") + c : std::string(1, c);
    }
    return escaped;
}

std::string markdown(const ConnectorSpec& spec, const std::vector<DescribedType>& types) {
    std::string text = fmt::format("# Types of {}\n\n{}.\n\n", spec.name, spec.summary);
    text +=
        "Written by `scripts/write_type_docs.sh` from the connector's own tables and by its own code; a test fails "
        "when "
        "this page is not what they give. NULL is left out: a column that may hold it is Nullable.\n\n";
    const std::vector<std::string> names = header();
    text += fmt::format("| {} |\n|{}\n", fmt::join(names, " | "), [&] {
        std::string rule;
        for (std::size_t i = 0; i < names.size(); ++i) {
            rule += "---|";
        }
        return rule;
    }());
    for (const auto& row : table_rows(types)) {
        text += "|";
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string cell = i + 1 == row.size() ? plain(row[i]) : code(row[i]);
            text += cell.empty() ? " |" : fmt::format(" {} |", cell);
        }
        text += "\n";
    }
    return text;
}

std::string json(const ConnectorSpec& spec, const std::vector<DescribedType>& types) {
    Value::List list;
    for (const DescribedType& type : types) {
        Value::List examples;
        for (const DescribedExample& example : type.examples) {
            Value::Record shown{{"literal", example.literal}};
            for (std::size_t i = 0; i < example.notations.size(); ++i) {
                shown.emplace_back(std::string(formats::name(described_formats()[i])), example.notations[i]);
            }
            if (!example.refusal.empty()) {
                shown.emplace_back("refused", example.refusal);
            }
            examples.emplace_back(std::move(shown));
        }
        list.emplace_back(Value::Record{{"source_type", type.source_type},
                                        {"type", type.target.to_string()},
                                        {"parquet", type.parquet},
                                        {"remark", type.remark},
                                        {"examples", examples}});
    }
    return Value(Value::Record{{"connector", std::string(spec.name)}, {"types", list}}).to_json() + "\n";
}

}  // namespace

std::string types_text(std::string_view connector, std::string_view output) {
    const ConnectorSpec& spec = spec_of(connector);
    const std::vector<DescribedType> types = describe_types(spec.types());
    return output == "json"       ? json(spec, types)
           : output == "markdown" ? markdown(spec, types)
                                  : table_text(header(), table_rows(types));
}

}  // namespace tinybird_cdk::cli
