// SPDX-License-Identifier: Apache-2.0
#include "local/sql_guard.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/text.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

/// Functions that read something else than the workspace, change the server or name tables by text: of its table
/// functions all but numbers, zeros, values, null, generateRandom, generateSeries, primes, format and view
/// (`system.table_functions` of the pinned ClickHouse). readonly=1 refuses most of them as tables, but lets the scalar
/// file() through. Sorted, in lower case.
constexpr std::array<std::string_view, 95> outside_functions{"addresstoline",
                                                             "aiclassify",
                                                             "aiembed",
                                                             "aiextract",
                                                             "aigenerate",
                                                             "aitranslate",
                                                             "arrowflight",
                                                             "arrowstream",
                                                             "azureblobstorage",
                                                             "azureblobstoragecluster",
                                                             "catboostevaluate",
                                                             "cluster",
                                                             "clusterallreplicas",
                                                             "cosn",
                                                             "deltalake",
                                                             "deltalakeazure",
                                                             "deltalakeazurecluster",
                                                             "deltalakecluster",
                                                             "deltalakelocal",
                                                             "deltalakes3",
                                                             "deltalakes3cluster",
                                                             "dictionary",
                                                             "eval",
                                                             "executable",
                                                             "file",
                                                             "filecluster",
                                                             "filesystem",
                                                             "filesystemavailable",
                                                             "filesystemcapacity",
                                                             "filesystemunreserved",
                                                             "fuzzjson",
                                                             "fuzzquery",
                                                             "gcs",
                                                             "getmacro",
                                                             "getserversetting",
                                                             "hascolumnintable",
                                                             "hdfs",
                                                             "hdfscluster",
                                                             "hudi",
                                                             "hudicluster",
                                                             "iceberg",
                                                             "icebergazure",
                                                             "icebergazurecluster",
                                                             "icebergcluster",
                                                             "iceberghdfs",
                                                             "iceberghdfscluster",
                                                             "iceberglocal",
                                                             "iceberglocalcluster",
                                                             "icebergs3",
                                                             "icebergs3cluster",
                                                             "input",
                                                             "jdbc",
                                                             "logtrace",
                                                             "loop",
                                                             "merge",
                                                             "mergetreeanalyzeindexes",
                                                             "mergetreeanalyzeindexesuuid",
                                                             "mergetreeindex",
                                                             "mergetreeprojection",
                                                             "mergetreetextindex",
                                                             "mongodb",
                                                             "mysql",
                                                             "odbc",
                                                             "oss",
                                                             "paimon",
                                                             "paimonazure",
                                                             "paimonazurecluster",
                                                             "paimoncluster",
                                                             "paimonhdfs",
                                                             "paimonhdfscluster",
                                                             "paimonlocal",
                                                             "paimons3",
                                                             "paimons3cluster",
                                                             "postgresql",
                                                             "prometheusquery",
                                                             "prometheusqueryrange",
                                                             "redis",
                                                             "remote",
                                                             "remotesecure",
                                                             "reversednsquery",
                                                             "s3",
                                                             "s3cluster",
                                                             "showcertificate",
                                                             "sqlite",
                                                             "timeseriesdata",
                                                             "timeseriesmetrics",
                                                             "timeseriessamples",
                                                             "timeseriesselector",
                                                             "timeseriestags",
                                                             "trap",
                                                             "url",
                                                             "urlcluster",
                                                             "viewexplain",
                                                             "viewifpermitted",
                                                             "ytsaurus"};

/// Families of them: dictGet…, joinGet….
constexpr std::array<std::string_view, 3> outside_prefixes{"dict", "joinget", "zookeeper"};

/// Those that are no table functions: they can be called without parentheses, as in arrayMap(file, …) or * APPLY file.
constexpr std::array<std::string_view, 17> outside_scalars{"addresstoline",
                                                           "aiclassify",
                                                           "aiembed",
                                                           "aiextract",
                                                           "aigenerate",
                                                           "aitranslate",
                                                           "catboostevaluate",
                                                           "eval",
                                                           "file",
                                                           "filesystemavailable",
                                                           "filesystemcapacity",
                                                           "filesystemunreserved",
                                                           "getmacro",
                                                           "getserversetting",
                                                           "hascolumnintable",
                                                           "reversednsquery",
                                                           "showcertificate"};
constexpr std::array<std::string_view, 3> outside_scalar_prefixes{"dictget", "joinget", "zookeeper"};

/// Words that stand before a parenthesis without calling a function that takes functions.
constexpr std::array<std::string_view, 27> words_before_parentheses{
    "all",      "and",    "any",       "as",    "by",    "distinct", "else", "except", "from",
    "having",   "in",     "intersect", "join",  "limit", "not",      "on",   "or",     "over",
    "prewhere", "select", "then",      "union", "using", "values",   "when", "where",  "with"};

constexpr std::array<std::string_view, 6> outside_databases{
    "system", "information_schema", "staging", "default", "lost_and_found", "_temporary_and_external_tables"};

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_outside_function(std::string_view name) {
    return std::binary_search(outside_functions.begin(), outside_functions.end(), name) ||
           std::any_of(outside_prefixes.begin(), outside_prefixes.end(),
                       [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool is_symbol(const Token& token, char c) {
    return token.kind == Token::Kind::symbol && token.text[0] == c;
}

/// `SETTINGS name = 1`, or `SETTINGS name` for a switch. readonly=1 refuses them only outside subqueries.
bool begins_settings(const std::vector<Token>& tokens, std::size_t i) {
    if (i + 1 >= tokens.size() || tokens[i + 1].kind != Token::Kind::identifier ||
        core::equal_ignoring_case(tokens[i + 1].text, "asc") || core::equal_ignoring_case(tokens[i + 1].text, "desc")) {
        return false;
    }
    return i + 2 == tokens.size() || is_symbol(tokens[i + 2], '=') || is_symbol(tokens[i + 2], ',') ||
           is_symbol(tokens[i + 2], ')') || is_symbol(tokens[i + 2], ';');
}

/// A function by its mere name, where a function may be given: behind APPLY, or anywhere in the arguments of another.
std::optional<std::string> forbidden_name(const std::vector<Token>& tokens) {
    std::vector<bool> calls;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (is_symbol(tokens[i], '(')) {
            calls.push_back(i > 0 && tokens[i - 1].kind == Token::Kind::identifier &&
                            !contains(words_before_parentheses, core::to_lower(tokens[i - 1].text)));
        } else if (is_symbol(tokens[i], ')') && !calls.empty()) {
            calls.pop_back();
        }
        const bool qualified =
            (i > 0 && is_symbol(tokens[i - 1], '.')) || (i + 1 < tokens.size() && is_symbol(tokens[i + 1], '.'));
        if (tokens[i].kind != Token::Kind::identifier || qualified) {
            continue;
        }
        const std::string name = core::to_lower(tokens[i].text);
        const bool outside = contains(outside_scalars, name) ||
                             std::any_of(outside_scalar_prefixes.begin(), outside_scalar_prefixes.end(),
                                         [&](std::string_view prefix) { return name.starts_with(prefix); });
        const bool applied = i > 0 && tokens[i - 1].kind == Token::Kind::identifier &&
                             core::equal_ignoring_case(tokens[i - 1].text, "apply");
        if (outside && (applied || std::find(calls.begin(), calls.end(), true) != calls.end())) {
            return fmt::format(
                "{0} may be the function, which reaches outside the workspace: write a column of this name "
                "with its data source, as in events.{0}",
                tokens[i].text);
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> forbidden_part(std::string_view sql) {
    const auto tokens = tokens_of(sql);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i].kind == Token::Kind::unclear) {
            return tokens[i].text;
        }
        if (tokens[i].kind != Token::Kind::identifier) {
            continue;
        }
        const std::string name = core::to_lower(tokens[i].text);
        const bool before_parenthesis = i + 1 < tokens.size() && is_symbol(tokens[i + 1], '(');
        const bool before_point = i + 1 < tokens.size() && is_symbol(tokens[i + 1], '.');
        const bool behind_point = i > 0 && is_symbol(tokens[i - 1], '.');
        if (before_parenthesis && is_outside_function(name)) {
            return fmt::format("the function {}() reaches outside the workspace", tokens[i].text);
        }
        if (before_point && !behind_point && contains(outside_databases, name)) {
            return fmt::format("database {} is not part of the workspace", tokens[i].text);
        }
        if (before_point && !behind_point && name == "tinybird") {
            return std::string("service data sources (tinybird.…) are not kept by the local Tinybird");
        }
        if (name == "outfile") {
            return std::string("INTO OUTFILE writes outside the workspace");
        }
        if (name == "settings" && begins_settings(tokens, i)) {
            return std::string("a SETTINGS clause is not allowed: settings are the server's");
        }
    }
    return forbidden_name(tokens);
}

std::optional<std::string> forbidden_in_condition(std::string_view condition) {
    if (auto reason = forbidden_part(condition)) {
        return reason;
    }
    int depth = 0;
    for (const Token& token : tokens_of(condition)) {
        if (token.kind != Token::Kind::symbol) {
            continue;
        }
        if (token.text == "(" || token.text == "[" || token.text == "{") {
            ++depth;
        } else if (token.text == ")" || token.text == "]" || token.text == "}") {
            --depth;
        }
        if (depth < 0 || token.text == ";" || (depth == 0 && token.text == ",")) {
            return fmt::format("it is not one SQL condition: there is a \"{}\" too many", token.text);
        }
    }
    return depth == 0 ? std::nullopt : std::optional<std::string>("it is not one SQL condition: a parenthesis is open");
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
