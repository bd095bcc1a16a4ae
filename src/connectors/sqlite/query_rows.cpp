// SPDX-License-Identifier: Apache-2.0
#include "query_rows.hpp"

#include <cstddef>
#include <limits>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <tinybird_cdk/errors.hpp>

#include "base64.hpp"
#include "iso_moment.hpp"

namespace tinybird_cdk::sqlite {

namespace {

/// Ends the read transaction of a statement, so that no lock and no old snapshot is held when nobody reads.
class ResetAtEnd {
public:
    explicit ResetAtEnd(sqlite3_stmt& statement) : statement_(statement) {}
    ResetAtEnd(const ResetAtEnd&) = delete;
    ResetAtEnd& operator=(const ResetAtEnd&) = delete;
    ~ResetAtEnd() { sqlite3_reset(&statement_); }

private:
    sqlite3_stmt& statement_;
};

std::string_view text_or_nothing(const char* text) noexcept {
    return text == nullptr ? std::string_view() : std::string_view(text);
}

std::vector<ResultColumn> columns_of(sqlite3_stmt& statement) {
    std::vector<ResultColumn> columns;
    const int count = sqlite3_column_count(&statement);
    for (int index = 0; index < count; ++index) {
        columns.push_back({std::string(text_or_nothing(sqlite3_column_name(&statement, index))),
                           std::string(text_or_nothing(sqlite3_column_decltype(&statement, index))), false});
    }
    return columns;
}

/// The bytes of a text value, NUL characters among them. Text that has to be converted (UTF-16 databases) may not
/// find memory for it: SQLite then gives a null pointer.
std::string_view text_of(sqlite3_stmt& statement, int index) {
    const unsigned char* const text = sqlite3_column_text(&statement, index);
    if (text == nullptr) {
        throw std::bad_alloc();
    }
    return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_column_bytes(&statement, index))};
}

/// An empty blob is a null pointer of size 0.
std::span<const std::byte> blob_of(sqlite3_stmt& statement, int index) {
    const void* const blob = sqlite3_column_blob(&statement, index);
    return {static_cast<const std::byte*>(blob), static_cast<std::size_t>(sqlite3_column_bytes(&statement, index))};
}

/// SQLite has neither booleans nor dates: what a number or a text stands for is known from where it goes.
enum class Meaning { itself, truth, moment };

Meaning meaning_for(const std::optional<schema::Type>& target) {
    if (!target) {
        return Meaning::itself;
    }
    switch (target->kind()) {
        case schema::Kind::boolean:
            return Meaning::truth;
        case schema::Kind::date:
        case schema::Kind::date32:
        case schema::Kind::datetime:
        case schema::Kind::datetime64:
            return Meaning::moment;
        default:
            return Meaning::itself;
    }
}

/// A number other than 0 and 1 stays what it is, and the target says whether it takes it.
void write_integer(RowWriter& writer, std::int64_t value, Meaning meaning) {
    if (meaning == Meaning::truth && (value == 0 || value == 1)) {
        writer.boolean(value == 1);
    } else {
        writer.int64(value);
    }
}

/// A date given as a date is checked against the range and the precision of the target, where ClickHouse itself would
/// cut it in silence. A text of another form stays what it is.
void write_text(RowWriter& writer, std::string_view value, Meaning meaning) {
    constexpr std::int64_t seconds_per_day = 86'400;
    const auto moment = meaning == Meaning::moment ? parse_iso_moment(value) : std::nullopt;
    if (!moment) {
        writer.text(value);
    } else if (moment->has_time) {
        writer.timestamp(moment->days * seconds_per_day + moment->seconds, moment->nanoseconds, RowWriter::Zone::none);
    } else {
        writer.date(moment->days);
    }
}

void write_value(RowWriter& writer, sqlite3_stmt& statement, int index, Meaning meaning) {
    switch (sqlite3_column_type(&statement, index)) {
        case SQLITE_INTEGER:
            return write_integer(writer, sqlite3_column_int64(&statement, index), meaning);
        case SQLITE_FLOAT:
            return writer.float64(sqlite3_column_double(&statement, index));
        case SQLITE_TEXT:
            return write_text(writer, text_of(statement, index), meaning);
        case SQLITE_BLOB:
            return writer.binary(blob_of(statement, index));
        default:
            return writer.null();
    }
}

Value value_of(sqlite3_stmt& statement, int index) {
    switch (sqlite3_column_type(&statement, index)) {
        case SQLITE_INTEGER:
            return static_cast<std::int64_t>(sqlite3_column_int64(&statement, index));
        case SQLITE_FLOAT:
            return sqlite3_column_double(&statement, index);
        case SQLITE_TEXT:
            return std::string(text_of(statement, index));
        case SQLITE_BLOB:
            return base64(blob_of(statement, index));
        default:
            return nullptr;
    }
}

}  // namespace

QueryRows::QueryRows(DatabaseOptions options, const ExportRequest& request)
    : database_(std::move(options), request.stop),
      statement_(database_.prepare(request.query)),
      columns_(columns_of(*statement_)),
      row_limit_(request.row_limit) {}

void QueryRows::write(RowWriter& writer, const std::stop_token& stop) {
    const Database::Stoppable stoppable(database_, stop);
    const ResetAtEnd reset(*statement_);
    std::vector<Meaning> meanings;
    for (const OutputColumn& column : writer.columns()) {
        meanings.push_back(meaning_for(column.target));
    }
    database_.begin_statement();
    // Stopping early instead of wrapping the query in a LIMIT: the query stays as its author wrote it.
    std::uint64_t left = row_limit_.value_or(std::numeric_limits<std::uint64_t>::max());
    const int count = static_cast<int>(columns_.size());
    bool first = true;
    while (left-- > 0 && database_.step(*statement_)) {
        if (std::exchange(first, false)) {
            refuse_other_columns();
        }
        writer.begin_row();
        for (int index = 0; index < count; ++index) {
            write_value(writer, *statement_, index, meanings[static_cast<std::size_t>(index)]);
        }
        writer.end_row();
    }
}

/// SQLite prepares a statement anew by itself when the tables have changed: a `*` may then mean other columns.
void QueryRows::refuse_other_columns() const {
    const std::vector<ResultColumn> now = columns_of(*statement_);
    bool same = now.size() == columns_.size();
    for (std::size_t index = 0; same && index < now.size(); ++index) {
        same = now[index].name == columns_[index].name;
    }
    if (!same) {
        throw errors::SchemaMismatchError("the columns of the query changed while it was running",
                                          "Name the columns instead of using *, or run the load again.");
    }
}

ResultSet read_all(Database& database, std::string_view sql) {
    const Statement statement = database.prepare(sql);
    const std::vector<ResultColumn> columns = columns_of(*statement);
    ResultSet rows;
    while (database.step(*statement)) {
        Value::Record row;
        row.reserve(columns.size());
        for (std::size_t index = 0; index < columns.size(); ++index) {
            row.emplace_back(columns[index].name, value_of(*statement, static_cast<int>(index)));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace tinybird_cdk::sqlite
