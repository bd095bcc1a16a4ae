// SPDX-License-Identifier: Apache-2.0
#include "conformance/trial.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "conformance/placeholders.hpp"

namespace tinybird_cdk::conformance {

namespace {

constexpr std::size_t shortest_secret = 4;

}  // namespace

void fail(std::string what, std::string expected, std::string got) {
    throw CheckFailed{{std::move(what), std::move(expected), std::move(got)}};
}

void expect_equal(const std::string& what, std::string_view expected, std::string_view got) {
    if (expected != got) {
        fail(what, std::string(expected), std::string(got));
    }
}

void expect_equal(const std::string& what, std::uint64_t expected, std::uint64_t got) {
    expect_equal(what, std::to_string(expected), std::to_string(got));
}

SeenError error_of(const std::string& what, const std::function<void()>& call) {
    try {
        call();
    } catch (const errors::InterruptedError& error) {
        return {error.what(), std::string(error.name()), error.exit_code()};
    } catch (const errors::Error& error) {
        SeenError seen{error.what(), std::string(error.name()), error.exit_code()};
        if (seen.message.empty()) {
            fail(what, "an error that says what was wrong", "one without a message");
        }
        if (!error.hint().empty()) {
            seen.message += " " + error.hint();
        }
        return seen;
    } catch (const std::exception& error) {
        fail(what, "an error of the kit (errors::Error)", std::string("a foreign one: ") + error.what());
    }
    fail(what, "an error", "none");
}

SeenError error_of(const std::string& what, std::string_view name, const std::function<void()>& call) {
    SeenError seen = error_of(what, call);
    if (seen.name != name) {
        fail(what, "errors::" + std::string(name), "errors::" + seen.name + ": " + seen.message);
    }
    return seen;
}

schema::Schema schema_of(const std::vector<std::pair<std::string, std::string>>& columns) {
    schema::Schema schema;
    for (const auto& [name, type] : columns) {
        schema::Column column;
        column.name = name;
        column.type = schema::Type::parse(type);
        schema.columns.push_back(std::move(column));
    }
    return schema;
}

Trial::Trial(const Subject& subject, const Options& options)
    : subject_(subject),
      options_(options),
      random_(options.seed.value_or(RandomText::any_seed())),
      // Not of the seed: two runs with one seed must not meet.
      mark_(RandomText(RandomText::any_seed()).hex(12)),
      namespace_("tinybird_cdk_" + mark_),
      tinybird_(config::tinybird(subject.environment)) {
    if (options.on_seed) {
        options.on_seed(random_.seed());
    }
    for (const std::string& variable : subject.secret_variables) {
        plant(subject.environment.get(variable).value_or(""));
    }
    plant(subject.environment.get("TB_CDK_TOKEN").value_or(""));
    if (!dialect().create_namespace.empty()) {
        execute({filled(dialect().create_namespace, {{"namespace", namespace_}})});
        namespace_made_ = true;
    }
}

Trial::~Trial() {
    clean_up();
}

void Trial::clean_up() noexcept {
    // Each by itself: what can't be removed must not keep the rest.
    const auto attempt = [](const std::string& what, const auto& removal) {
        try {
            removal();
        } catch (const std::exception& error) {
            logger::warning(fmt::format("the conformance suite could not remove {}: {}", what, error.what()));
        }
    };
    while (!data_sources_.empty()) {
        const std::string name = data_sources_.back();
        data_sources_.pop_back();
        attempt("data source " + name, [&] { tinybird_.drop_data_source(name); });
    }
    while (!tables_.empty()) {
        const std::string name = tables_.back();
        tables_.pop_back();
        if (!namespace_made_ || dialect().drop_namespace.empty()) {
            attempt("table " + name, [&] { execute({"DROP TABLE " + table(name)}); });
        }
    }
    if (namespace_made_ && !dialect().drop_namespace.empty()) {
        attempt(namespace_, [&] { execute({filled(dialect().drop_namespace, {{"namespace", namespace_}})}); });
    }
}

void Trial::check_stop() const {
    if (options_.stop.stop_requested()) {
        throw errors::InterruptedError();
    }
}

LoadOptions Trial::load_options(Format format) const {
    LoadOptions options;
    options.format = format;
    options.on_quarantine = tinybird::OnQuarantine::fail;
    options.stop = options_.stop;
    return options;
}

void Trial::plant(std::string secret) {
    if (secret.size() >= shortest_secret) {
        secrets_.push_back(std::move(secret));
    }
}

std::string Trial::new_secret() {
    std::string secret = "planted" + random_.hex(16);
    plant(secret);
    return secret;
}

bool Trial::shows_secret(std::string_view text) const {
    return std::any_of(secrets_.begin(), secrets_.end(),
                       [&](const std::string& secret) { return text.find(secret) != std::string_view::npos; });
}

std::string Trial::without_secrets(std::string text) const {
    for (const std::string& secret : secrets_) {
        for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos;) {
            text.replace(at, secret.size(), "***");
        }
    }
    return text;
}

std::string Trial::identifier(std::string_view name) const {
    const std::string& quote = dialect().quote;
    std::string result = quote;
    for (const char c : name) {
        result += quote == std::string_view(&c, 1) ? quote + quote : std::string(1, c);
    }
    return result + quote;
}

std::string Trial::table_name(std::string_view name) const {
    return namespace_made_ || !dialect().create_namespace.empty() ? std::string(name)
                                                                  : fmt::format("{}_{}", namespace_, name);
}

std::string Trial::table(std::string_view name) const {
    return filled(dialect().table, {{"namespace", namespace_}, {"table", identifier(table_name(name))}});
}

Parents Trial::parents(std::string_view name) const {
    Parents parents;
    const std::string real_name = table_name(name);
    for (const auto& [scope, value] : dialect().scopes) {
        parents[scope] = filled(value, {{"namespace", namespace_}, {"table", real_name}});
    }
    return parents;
}

std::string Trial::named(std::string_view text) const {
    return filled(text, {{"namespace", namespace_}});
}

void Trial::make_table(const std::string& name, const std::string& definition,
                       const std::vector<std::string>& statements) {
    check_stop();
    execute({fmt::format("CREATE TABLE {} ({})", table(name), definition)});
    tables_.push_back(name);
    if (!statements.empty()) {
        execute(statements);
    }
}

void Trial::drop_table(const std::string& name) {
    execute({"DROP TABLE " + table(name)});
    forget_table(name);
}

void Trial::drop_tables(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (std::find(tables_.begin(), tables_.end(), name) != tables_.end()) {
            drop_table(name);
        }
    }
}

void Trial::make_numbers(const std::string& name, std::uint64_t rows) {
    std::string values;
    for (std::uint64_t i = 1; i <= rows; ++i) {
        values += fmt::format("{}({}, {})", i == 1 ? "" : ", ", i, i);
    }
    std::vector<std::string> statements;
    if (rows > 0) {
        statements.push_back(fmt::format("INSERT INTO {} VALUES {}", table(name), values));
    }
    make_table(name, fmt::format("id {0} NOT NULL, v {0} NOT NULL", dialect().integer), statements);
}

std::uint64_t Trial::make_padded(const std::string& name, std::uint64_t bytes) {
    constexpr std::size_t pieces = 31;
    constexpr std::size_t piece = 32;
    std::string pad = dialect().random;
    for (std::size_t i = 1; i < pieces; ++i) {
        pad = filled(dialect().concat, {{"a", pad}, {"b", dialect().random}});
    }
    const std::string into = "INSERT INTO " + table(name);
    std::vector<std::string> statements{fmt::format("{} VALUES (1, 0, 'one')", into)};
    std::uint64_t rows = 1;
    for (; rows * pieces * piece < bytes; rows *= 2) {
        statements.push_back(fmt::format("{} SELECT id + {}, v, {} FROM {}", into, rows, pad, table(name)));
    }
    make_table(name,
               fmt::format("id {0} NOT NULL, v {0} NOT NULL, pad {1} NOT NULL", dialect().integer, dialect().text),
               statements);
    return rows;
}

std::uint64_t Trial::large_table() {
    if (large_rows_ == 0) {
        large_rows_ = make_padded("large", options_.large_bytes);
    }
    return large_rows_;
}

std::string Trial::large_query() const {
    return "SELECT id, v, pad FROM " + table("large");
}

std::string Trial::make_data_source(const schema::Schema& schema, std::string name) {
    check_stop();
    if (name.empty()) {
        name = fmt::format("{}_conformance_{}_{}", schema::data_source_name(subject_.name), mark_, random_.hex(8));
    }
    tinybird_.create_data_source(name, schema);
    data_sources_.push_back(name);
    return name;
}

void Trial::drop_data_source(const std::string& name) {
    tinybird_.drop_data_source(name);
    data_sources_.erase(std::find(data_sources_.begin(), data_sources_.end(), name));
}

std::vector<std::string> Trial::ask(std::string_view expression, const std::string& data_source,
                                    std::string_view rest) {
    std::vector<std::string> values;
    for (const auto& row :
         tinybird_.query(fmt::format("SELECT {} AS answer FROM {} {}", expression, data_source, rest))) {
        values.push_back(row.at(0).second.to_text());
    }
    return values;
}

std::uint64_t Trial::count(const std::string& data_source) {
    return std::stoull(ask("count()", data_source).at(0));
}

}  // namespace tinybird_cdk::conformance
