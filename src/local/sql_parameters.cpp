// SPDX-License-Identifier: Apache-2.0
#include "local/sql_parameters.hpp"

#include <fmt/format.h>

#include "core/text.hpp"
#include "local/answers.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

bool is_symbol(const Token& token, std::string_view symbol) {
    return token.kind == Token::Kind::symbol && token.text == symbol;
}

std::string value_text(const std::string& name, std::string_view type, const std::string& value) {
    if (core::starts_with_ignoring_case(type, "Identifier")) {
        throw Refusal(400, fmt::format("the query parameter \"{}\" is an Identifier: tables and columns are written in "
                                       "the query itself",
                                       name));
    }
    // NULL as ClickHouse writes it in parameters.
    const bool null = value == "\\N" && core::starts_with_ignoring_case(type, "Nullable");
    // CAST takes 300 for a UInt8 and makes 44 of it; accurateCast does not know every type.
    const std::string lower = core::to_lower(type);
    const bool integer = lower.starts_with("int") || lower.starts_with("uint") || lower.starts_with("nullable(int") ||
                         lower.starts_with("nullable(uint");
    return fmt::format("{}({}, {})", integer && !null ? "accurateCast" : "CAST", null ? "NULL" : literal(value),
                       literal(type));
}

}  // namespace

std::string with_parameters(std::string_view sql,
                            const std::function<std::optional<std::string>(const std::string&)>& value_of) {
    const auto tokens = tokens_of(sql);
    std::string result;
    std::size_t copied = 0;
    for (std::size_t i = 0; i + 3 < tokens.size(); ++i) {
        if (!is_symbol(tokens[i], "{") || tokens[i + 1].kind != Token::Kind::identifier ||
            !is_symbol(tokens[i + 2], ":")) {
            continue;
        }
        std::size_t close = i + 3;
        while (close < tokens.size() && !is_symbol(tokens[close], "}")) {
            ++close;
        }
        if (close == tokens.size()) {
            throw Refusal(400, fmt::format("the query parameter \"{}\" is not closed", tokens[i + 1].text));
        }
        const std::string& name = tokens[i + 1].text;
        const std::string_view type =
            core::trim(sql.substr(tokens[i + 2].end, tokens[close].begin - tokens[i + 2].end));
        const auto value = value_of(name);
        if (!value) {
            throw Refusal(400, fmt::format("the query parameter \"{0}\" has no value: send it as param_{0}", name));
        }
        result += sql.substr(copied, tokens[i].begin - copied);
        result += value_text(name, type, *value);
        copied = tokens[close].end;
        i = close;
    }
    return result + std::string(sql.substr(copied));
}

}  // namespace tinybird_cdk::local
