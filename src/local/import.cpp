// SPDX-License-Identifier: Apache-2.0
#include "local/import.hpp"

#include <charconv>
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/text.hpp"
#include "local/import_switch.hpp"
#include "local/ingest/ndjson_reader.hpp"
#include "local/sql_text.hpp"
#include "local/storage.hpp"

namespace tinybird_cdk::local {

namespace {

constexpr std::size_t most_shown_errors = 5;

/// Floats are read to the nearest value, as the fast path does.
constexpr std::string_view conversion_settings = "SETTINGS precise_float_parsing = 1";

std::uint64_t number_of(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// TB_CDK_LOCAL_FAST_IMPORTS=0 sends all rows by way of texts. For the tests, which compare both ways.
bool fast_imports() {
    const char* const variable = std::getenv("TB_CDK_LOCAL_FAST_IMPORTS");  // NOLINT(concurrency-mt-unsafe)
    return variable == nullptr || std::string_view(variable) != "0";
}

}  // namespace

Import::Import(Engine& engine, Catalog& catalog, DataSource source, ImportRequest request,
               const std::filesystem::path& scratch)
    : engine_(engine),
      catalog_(catalog),
      source_(std::move(source)),
      request_(std::move(request)),
      journal_(import_journal(scratch)) {
    engine_.run(fmt::format("CREATE TABLE {} AS {}", staging("ready"), table_of(source_.name)));
    if (request_.format == ImportFormat::parquet) {
        parquet_.emplace(scratch / (request_.id + ".parquet"));
        return;
    }
    stage_.emplace(engine_, source_.columns,
                   ingest::StageOptions{staging("ready"), staging("raw"), request_.format, fast_imports()});
    if (request_.format == ImportFormat::ndjson) {
        reader_ = std::make_unique<ingest::NdjsonReader>(source_.columns, *stage_);
    } else {
        reader_ = std::make_unique<ingest::CsvReader>(source_.columns, request_.dialect, *stage_);
    }
}

Import::~Import() {
    reader_.reset();
    stage_.reset();
    for (const std::string_view table : {"raw", "ready", "next", "quarantine"}) {
        try {
            engine_.run(fmt::format("DROP TABLE IF EXISTS {} SYNC", staging(table)));
        } catch (const chdb::EngineError&) {  // NOLINT(bugprone-empty-catch): the next start empties the database
        }
    }
}

std::string Import::staging(std::string_view what) const {
    return fmt::format("{}.{}_{}", staging_database, what, request_.id);
}

void Import::write(std::string_view data) {
    if (parquet_) {
        parquet_->write(data);
    } else {
        reader_->write(data);
    }
}

ImportResult Import::commit() {
    ImportResult result;
    if (parquet_) {
        parquet_->finish(engine_);
        convert_parquet(result);
    } else {
        reader_->finish();
        const ingest::StageCounts counts = stage_->finish();
        result.rows = counts.typed_rows;
        result.invalid_lines = counts.unreadable;
        result.converted = counts.text_rows;
        if (counts.text_rows > 0) {
            convert_texts(result);
            result.rows += counts.text_rows - result.quarantined;
        }
        result.errors.insert(result.errors.end(), counts.reasons.begin(), counts.reasons.end());
    }
    switch_in(result.quarantined > 0);
    return result;
}

void Import::convert_texts(ImportResult& result) {
    std::vector<Conversion> conversions;
    for (std::size_t i = 0; i < source_.columns.size(); ++i) {
        conversions.push_back(conversion_of(source_.columns[i], i, request_.format));
    }
    divert(staging("raw"), conversions, result);
}

void Import::convert_parquet(ImportResult& result) {
    std::vector<Conversion> conversions;
    for (const schema::Column& column : source_.columns) {
        conversions.push_back(parquet_->conversion(column));
    }
    divert(parquet_->table(), conversions, result);
    result.rows = number_of(core::trim(engine_.run("SELECT count() FROM " + parquet_->table()))) - result.quarantined;
}

/// Rows of `from` go to the table that is ready, or to the quarantine of this import.
void Import::divert(const std::string& from, const std::vector<Conversion>& conversions, ImportResult& result) {
    std::vector<std::string> names;
    std::vector<std::string> values;
    std::vector<std::string> raw_texts;
    std::vector<std::string> bad;
    std::vector<std::string> bad_columns;
    std::vector<std::string> reasons;
    for (std::size_t i = 0; i < source_.columns.size(); ++i) {
        const schema::Column& column = source_.columns[i];
        const Conversion& conversion = conversions[i];
        names.push_back(identifier(column.name));
        values.push_back(conversion.value);
        raw_texts.push_back(conversion.raw);
        if (conversion.bad == "0") {
            continue;
        }
        bad.push_back(conversion.bad);
        bad_columns.push_back(fmt::format("if({}, {}, '')", conversion.bad, literal(column.name)));
        reasons.push_back(
            fmt::format("if({}, concat('value ''', ifNull({}, ''), {}), '')", conversion.bad, conversion.raw,
                        literal(fmt::format("' on column '{}' is not {}", column.name, column.type.to_string()))));
    }
    const std::string any_bad = bad.empty() ? "0" : fmt::format("({})", fmt::join(bad, " OR "));
    const Engine::Lease writer = engine_.writer();
    writer->query(fmt::format("INSERT INTO {} ({}) SELECT {} FROM {} WHERE NOT {} {}", staging("ready"),
                              fmt::join(names, ", "), fmt::join(values, ", "), from, any_bad, conversion_settings));
    result.quarantined = number_of(
        core::trim(writer->query(fmt::format("SELECT countIf({}) FROM {} {}", any_bad, from, conversion_settings))));
    if (result.quarantined == 0) {
        return;
    }
    const std::string quarantine = staging("quarantine");
    writer->query(fmt::format("CREATE TABLE {} AS {}", quarantine, quarantine_of(source_.name)));
    writer->query(
        fmt::format("INSERT INTO {} ({}, c__error_column, c__error, c__import_id, insertion_date) "
                    "SELECT {}, arrayFilter(x -> x != '', [{}]), arrayFilter(x -> x != '', [{}]), {}, now() "
                    "FROM {} WHERE {} {}",
                    quarantine, fmt::join(names, ", "), fmt::join(raw_texts, ", "), fmt::join(bad_columns, ", "),
                    fmt::join(reasons, ", "), literal(request_.id), from, any_bad, conversion_settings));
    const std::string shown = writer->query(
        fmt::format("SELECT c__error[1] FROM {} LIMIT {}", quarantine, most_shown_errors), "JSONCompactColumns");
    const auto texts = nlohmann::json::parse(shown);
    for (const auto& text : texts.at(0)) {
        result.errors.push_back(text.get<std::string>());
    }
}

void Import::switch_in(bool has_quarantine) {
    ImportSwitch tables{staging("ready"), staging("next"), {}};
    if (has_quarantine) {
        tables.quarantine = staging("quarantine");
    }
    const SwitchMode mode{request_.replace, request_.replace_condition, request_.id};
    switch_import(engine_, catalog_, source_, tables, mode, journal_);
}

}  // namespace tinybird_cdk::local
