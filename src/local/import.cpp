// SPDX-License-Identifier: Apache-2.0
#include "local/import.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"
#include "local/csv_header.hpp"
#include "local/error_file.hpp"
#include "local/sql_text.hpp"
#include "local/storage.hpp"

namespace tinybird_cdk::local {

namespace {

/// A first record longer than this is no header.
constexpr std::size_t longest_header = 1U << 20U;
constexpr std::size_t most_shown_errors = 5;

std::string staged(std::size_t i) {
    return fmt::format("c{}", i);
}
std::string converted(std::size_t i) {
    return fmt::format("v{}", i);
}

std::string_view engine_format(ImportFormat format) noexcept {
    switch (format) {
        case ImportFormat::csv:
            return "CSV";
        case ImportFormat::ndjson:
            return "JSONEachRow";
        case ImportFormat::parquet:
            return "Parquet";
    }
    return "";
}

std::uint64_t number_of(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

std::string input_field(const schema::Column& column) {
    if (column.jsonpath.empty()) {
        return column.name;
    }
    const auto field = schema::field_of_jsonpath(column.jsonpath);
    if (!field) {
        throw errors::InvalidArgument(
            fmt::format("the jsonpath {} of column \"{}\" is not served by the local Tinybird", column.jsonpath,
                        column.name),
            "Use top-level fields: $.name or $.name[:].");
    }
    return *field;
}

Import::Import(Engine& engine, Catalog& catalog, DataSource source, ImportRequest request,
               const std::filesystem::path& scratch)
    : engine_(engine),
      catalog_(catalog),
      source_(std::move(source)),
      request_(std::move(request)),
      error_file_(scratch / (request_.id + ".errors")) {
    for (std::size_t i = 0; i < source_.columns.size(); ++i) {
        conversions_.push_back(conversion_of(source_.columns[i], request_.format, staged(i), converted(i)));
    }
    std::vector<std::string> columns;
    for (std::size_t i = 0; i < source_.columns.size(); ++i) {
        // The names of NDJSON's fields and of Parquet's columns are the input's; CSV goes by position.
        std::string name = staged(i);
        if (request_.format == ImportFormat::ndjson) {
            name = input_field(source_.columns[i]);
        } else if (request_.format == ImportFormat::parquet) {
            name = source_.columns[i].name;
        }
        columns.push_back(fmt::format("{} {}", identifier(name), conversions_[i].staged_type));
    }
    engine_.run(
        fmt::format("CREATE TABLE {} ({}) ENGINE = MergeTree ORDER BY tuple()", raw_table(), fmt::join(columns, ", ")));
    if (request_.format != ImportFormat::csv) {
        std::vector<std::size_t> all(source_.columns.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        begin_insert(all);
    }
}

Import::~Import() {
    insert_.reset();
    connection_.reset();
    for (const std::string& table : {raw_table(), ready_table(), ready_table() + "_kept"}) {
        try {
            engine_.run(fmt::format("DROP TABLE IF EXISTS {} SYNC", table));
        } catch (const chdb::EngineError&) {  // NOLINT(bugprone-empty-catch): the next start empties the database
        }
    }
    std::error_code ignored;
    std::filesystem::remove(error_file_, ignored);
}

std::string Import::raw_table() const {
    return fmt::format("{}.{}", staging_database, identifier("raw_" + request_.id));
}

std::string Import::ready_table() const {
    return fmt::format("{}.ready_{}", staging_database, request_.id);
}

void Import::begin_insert(const std::vector<std::size_t>& columns) {
    connection_.emplace(engine_, false);
    (*connection_)
        ->query(
            fmt::format("SET input_format_allow_errors_num = 1000000000, input_format_allow_errors_ratio = 1, "
                        "input_format_record_errors_file_path = {}, format_csv_delimiter = {}, "
                        "input_format_csv_empty_as_default = 1, input_format_skip_unknown_fields = 1, "
                        "input_format_with_names_use_header = 0, input_format_csv_detect_header = 0, "
                        "input_format_json_read_numbers_as_strings = 1, input_format_json_read_bools_as_strings = 1, "
                        "input_format_json_read_objects_as_strings = 1, input_format_json_read_arrays_as_strings = 1, "
                        "input_format_csv_allow_variable_number_of_columns = 0, date_time_input_format = 'best_effort'",
                        literal(error_file_.string()), literal(std::string(1, request_.delimiter))));
    std::vector<std::string> names;
    for (const std::size_t column : columns) {
        names.push_back(request_.format == ImportFormat::csv      ? staged(column)
                        : request_.format == ImportFormat::ndjson ? identifier(input_field(source_.columns[column]))
                                                                  : identifier(source_.columns[column].name));
    }
    insert_.emplace(**connection_, fmt::format("INSERT INTO {} ({})", raw_table(), fmt::join(names, ", ")),
                    engine_format(request_.format));
}

void Import::decide_header(bool at_end) {
    // A last record without a line break is a record too.
    const auto record = first_record(at_end && !begin_.ends_with('\n') ? begin_ + "\n" : begin_, request_.delimiter);
    if (!record && !at_end && begin_.size() < longest_header) {
        return;
    }
    const auto named = record ? header_columns(*record, source_.columns) : std::nullopt;
    if (named) {
        begin_.erase(0, record->end);
        begin_insert(*named);
    } else {
        std::vector<std::size_t> all(source_.columns.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        begin_insert(all);
    }
    if (!begin_.empty()) {
        insert_->write(begin_);
    }
    begin_ = {};
}

void Import::write(std::string_view data) {
    if (insert_) {
        insert_->write(data);
        return;
    }
    begin_ += data;
    decide_header(false);
}

ImportResult Import::commit() {
    if (!insert_) {
        decide_header(true);
    }
    insert_->finish();
    insert_.reset();
    connection_.reset();

    ImportResult result;
    std::vector<std::string> values;
    std::vector<std::string> bad;
    std::vector<std::string> raw_texts;
    std::vector<std::string> bad_columns;
    std::vector<std::string> reasons;
    std::vector<std::string> names;
    std::vector<std::string> finals;
    for (std::size_t i = 0; i < source_.columns.size(); ++i) {
        const schema::Column& column = source_.columns[i];
        const Conversion& conversion = conversions_[i];
        values.push_back(fmt::format("{} AS {}", conversion.value, converted(i)));
        names.push_back(identifier(column.name));
        const bool nullable = column.type.nullable() || conversion.bad == "0";
        finals.push_back(nullable ? converted(i) : fmt::format("assumeNotNull({})", converted(i)));
        raw_texts.push_back(conversion.staged_type == "Nullable(String)" ? staged(i)
                                                                         : fmt::format("toString({})", staged(i)));
        if (conversion.bad != "0") {
            bad.push_back(conversion.bad);
            bad_columns.push_back(fmt::format("if({}, {}, '')", conversion.bad, literal(column.name)));
            reasons.push_back(
                fmt::format("if({}, concat('value ''', ifNull({}, ''), ''' on column ''{}'' is not {}'), '')",
                            conversion.bad, staged(i), literal(column.name).substr(1, literal(column.name).size() - 2),
                            literal(column.type.to_string()).substr(1, literal(column.type.to_string()).size() - 2)));
        }
    }
    std::vector<std::string> renamed;
    for (std::size_t i = 0; i < source_.columns.size(); ++i) {
        const std::string name = request_.format == ImportFormat::csv      ? staged(i)
                                 : request_.format == ImportFormat::ndjson ? identifier(input_field(source_.columns[i]))
                                                                           : identifier(source_.columns[i].name);
        renamed.push_back(fmt::format("{} AS {}", name, staged(i)));
    }
    const std::string source = fmt::format("(SELECT *, {} FROM (SELECT {} FROM {}))", fmt::join(values, ", "),
                                           fmt::join(renamed, ", "), raw_table());
    const std::string any_bad = bad.empty() ? "0" : fmt::format("({})", fmt::join(bad, " OR "));

    const Engine::Lease writer = engine_.writer();
    writer->query(fmt::format("CREATE TABLE {} AS {}", ready_table(), table_of(source_.name)));
    writer->query(fmt::format("INSERT INTO {} ({}) SELECT {} FROM {} WHERE NOT {}", ready_table(),
                              fmt::join(names, ", "), fmt::join(finals, ", "), source, any_bad));
    const std::string counts = writer->query(
        fmt::format("SELECT (SELECT count() FROM {}), (SELECT count() FROM {})", raw_table(), ready_table()));
    const auto fields = core::split(core::trim(counts), '\t');
    result.rows = number_of(fields[1]);
    result.quarantined = number_of(fields[0]) - result.rows;

    if (result.quarantined > 0) {
        const std::string columns = fmt::format("arrayFilter(x -> x != '', [{}])", fmt::join(bad_columns, ", "));
        const std::string texts = fmt::format("arrayFilter(x -> x != '', [{}])", fmt::join(reasons, ", "));
        writer->query(
            fmt::format("INSERT INTO {} ({}, c__error_column, c__error, c__import_id, insertion_date) "
                        "SELECT {}, {}, {}, {}, now() FROM {} WHERE {}",
                        quarantine_of(source_.name), fmt::join(names, ", "), fmt::join(raw_texts, ", "), columns, texts,
                        literal(request_.id), source, any_bad));
        const std::string shown =
            writer->query(fmt::format("SELECT arrayJoin(c__error) FROM {} WHERE c__import_id = {} LIMIT {}",
                                      quarantine_of(source_.name), literal(request_.id), most_shown_errors),
                          "TabSeparatedRaw");
        for (const std::string_view line : core::split(core::trim(shown), '\n')) {
            result.errors.emplace_back(line);
        }
    }
    for (const UnreadRow& row : take_error_file(error_file_)) {
        ++result.invalid_lines;
        if (result.errors.size() < most_shown_errors) {
            result.errors.push_back("invalid line: " + row.reason);
        }
    }
    move_into_table();
    return result;
}

void Import::move_into_table() {
    // One switch at a time: a row written between the copy and the exchange would be lost.
    const auto lock = catalog_.write_lock(source_.name);
    const std::lock_guard guard(*lock);
    const std::string table = table_of(source_.name);
    const Engine::Lease writer = engine_.writer();
    if (!request_.replace) {
        writer->query(fmt::format("ALTER TABLE {} ATTACH PARTITION ALL FROM {}", table, ready_table()));
        return;
    }
    if (request_.replace_condition.empty()) {
        writer->query(fmt::format("EXCHANGE TABLES {} AND {}", table, ready_table()));
        return;
    }
    // Kept: old rows that the condition does not select (it may be NULL), and new rows that it does.
    const std::string kept = ready_table() + "_kept";
    writer->query(fmt::format("CREATE TABLE {} AS {}", kept, table));
    writer->query(fmt::format("INSERT INTO {} SELECT * FROM {} WHERE NOT coalesce(({}), 0)", kept, table,
                              request_.replace_condition));
    writer->query(
        fmt::format("INSERT INTO {} SELECT * FROM {} WHERE ({})", kept, ready_table(), request_.replace_condition));
    writer->query(fmt::format("EXCHANGE TABLES {} AND {}", table, kept));
}

}  // namespace tinybird_cdk::local
