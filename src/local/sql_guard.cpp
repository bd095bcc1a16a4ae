// SPDX-License-Identifier: Apache-2.0
#include "local/sql_guard.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/text.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

/// Table functions, and functions with the same names, that read something else than the workspace
/// (https://clickhouse.com/docs/sql-reference/table-functions). readonly=1 refuses most of them as tables, but lets the
/// scalar file() through.
constexpr std::array<std::string_view, 40> outside_functions{"file",
                                                             "filecluster",
                                                             "url",
                                                             "urlcluster",
                                                             "s3",
                                                             "s3cluster",
                                                             "gcs",
                                                             "oss",
                                                             "cosn",
                                                             "azureblobstorage",
                                                             "hdfs",
                                                             "hdfscluster",
                                                             "remote",
                                                             "remotesecure",
                                                             "cluster",
                                                             "clusterallreplicas",
                                                             "mysql",
                                                             "postgresql",
                                                             "mongodb",
                                                             "redis",
                                                             "sqlite",
                                                             "odbc",
                                                             "jdbc",
                                                             "executable",
                                                             "iceberg",
                                                             "icebergs3",
                                                             "deltalake",
                                                             "hudi",
                                                             "dictionary",
                                                             "dictget",
                                                             "merge",
                                                             "mergetreeindex",
                                                             "input",
                                                             "view_if_permitted",
                                                             "loop",
                                                             "azureblobstoragecluster",
                                                             "arrowflight",
                                                             "ytsaurus",
                                                             "catboostevaluate",
                                                             "filesystemavailable"};

constexpr std::array<std::string_view, 4> outside_databases{"system", "information_schema", "staging", "default"};

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_symbol(const Token& token, char c) {
    return token.kind == Token::Kind::symbol && token.text[0] == c;
}

}  // namespace

std::optional<std::string> forbidden_part(std::string_view sql) {
    const auto tokens = tokens_of(sql);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i].kind != Token::Kind::identifier) {
            continue;
        }
        const std::string name = core::to_lower(tokens[i].text);
        const bool before_parenthesis = i + 1 < tokens.size() && is_symbol(tokens[i + 1], '(');
        const bool before_point = i + 1 < tokens.size() && is_symbol(tokens[i + 1], '.');
        const bool behind_point = i > 0 && is_symbol(tokens[i - 1], '.');
        if (before_parenthesis && contains(outside_functions, name)) {
            return fmt::format("the function {}() reaches outside the workspace", tokens[i].text);
        }
        if (before_point && !behind_point && contains(outside_databases, name)) {
            return fmt::format("database {} is not part of the workspace", tokens[i].text);
        }
        if (name == "outfile") {
            return std::string("INTO OUTFILE writes outside the workspace");
        }
    }
    return std::nullopt;
}

std::string format_of(std::string_view sql) {
    auto tokens = tokens_of(sql);
    while (!tokens.empty() && is_symbol(tokens.back(), ';')) {
        tokens.pop_back();
    }
    if (tokens.size() < 2 || tokens.back().kind != Token::Kind::identifier ||
        tokens[tokens.size() - 2].kind != Token::Kind::identifier ||
        !core::equal_ignoring_case(tokens[tokens.size() - 2].text, "format")) {
        return {};
    }
    return tokens.back().text;
}

}  // namespace tinybird_cdk::local
