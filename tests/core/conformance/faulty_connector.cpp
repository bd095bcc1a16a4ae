// SPDX-License-Identifier: Apache-2.0
#include "core/conformance/faulty_connector.hpp"

#include <fcntl.h>
#include <sqlite3.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "core/conformance/line_server.hpp"

namespace tinybird_cdk::testing {

namespace {

struct Close {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
};
struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

struct Settings {
    Fault fault = Fault::none;
    std::string database;
    std::string password;
};

class Database {
public:
    explicit Database(const Settings& settings) : settings_(settings) {
        sqlite3* handle = nullptr;
        const int mode = settings.fault == Fault::runs_writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
        const int code = sqlite3_open_v2(settings.database.c_str(), &handle, mode, nullptr);
        handle_.reset(handle);
        if (code != SQLITE_OK) {
            if (settings.fault == Fault::throws_foreign_exceptions) {
                throw errors::Error("");
            }
            fail(settings.fault == Fault::says_nothing_of_the_database ? "it does not work"
                                                                       : "can't open " + settings.database);
        }
    }
    Statement prepare(std::string_view sql) {
        sqlite3_stmt* raw = nullptr;
        const char* rest = nullptr;
        check(sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &raw, &rest));
        Statement statement(raw);
        if (!statement) {
            throw errors::InvalidArgument("the query is empty");
        }
        if (std::string_view(rest).find_first_not_of(" ;\n") != std::string_view::npos) {
            throw errors::InvalidArgument("more than one statement");
        }
        return statement;
    }
    /// @return false at the end
    bool step(sqlite3_stmt* statement) {
        const int code = sqlite3_step(statement);
        if (code != SQLITE_ROW && code != SQLITE_DONE) {
            check(code);
        }
        return code == SQLITE_ROW;
    }
    void check(int code) {
        if (code != SQLITE_OK) {
            fail(sqlite3_errmsg(handle_.get()));
        }
    }

private:
    [[noreturn]] void fail(const std::string& message) const {
        if (settings_.fault == Fault::prints_the_secret) {
            std::cout << "connecting with " << settings_.password << std::endl;
        }
        throw errors::ExternalDatasourceError(settings_.fault == Fault::shows_the_secret_in_errors
                                                  ? message + ", password " + settings_.password
                                                  : message);
    }

    const Settings settings_;
    std::unique_ptr<sqlite3, Close> handle_;
};

std::string text_at(sqlite3_stmt* statement, int column) {
    const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
    return {bytes == nullptr ? "" : bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

class FaultyRows final : public Rows {
public:
    FaultyRows(const Settings& settings, const ExportRequest& request)
        : settings_(settings), query_(request.query), limit_(request.row_limit), database_(settings) {
        if (request.stop.stop_requested()) {
            if (settings_.fault == Fault::calls_a_stop_a_failure) {
                throw errors::ExternalDatasourceError("the query was cancelled");
            }
            throw errors::InterruptedError();
        }
        if (settings.fault == Fault::drops_conditions) {
            query_ = query_.substr(0, query_.find(" WHERE "));
        }
        try {
            statement_ = database_.prepare(query_);
        } catch (const errors::ExternalDatasourceError&) {
            if (settings_.fault != Fault::takes_bad_sql_for_no_rows) {
                throw;
            }
            query_ = "SELECT 1 AS id, 1 AS v WHERE false";
            statement_ = database_.prepare(query_);
        }
        const int count = sqlite3_column_count(statement_.get());
        for (int i = 0; i < count; ++i) {
            columns_.push_back({sqlite3_column_name(statement_.get(), i), "any", true, {}});
        }
        if (count == 0 &&
            (settings_.fault == Fault::takes_what_has_no_columns || settings_.fault == Fault::runs_writes)) {
            columns_ = {{"id", "any", true, {}}, {"v", "any", true, {}}};
        } else if (count == 0) {
            throw errors::InvalidArgument("the statement gives no columns");
        }
    }

    [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }

    void write(RowWriter& writer, const std::stop_token& stop) override {
        // Once, and in a load that is to fail, which the suite marks: the others show how it should be.
        static bool connection_kept = false;
        static bool lock_kept = false;
        const bool marked = query_.find("/* cdk_") != std::string::npos;
        if (marked && settings_.fault == Fault::keeps_a_connection && !std::exchange(connection_kept, true)) {
            // Never closed.
            static_cast<void>(::open("/dev/null", O_RDONLY));
        }
        if (marked && settings_.fault == Fault::keeps_a_lock && !std::exchange(lock_kept, true)) {
            keep_a_lock();
        }
        static int reads = 0;
        const bool loses = settings_.fault == Fault::loses_the_last_row ||
                           (settings_.fault == Fault::loses_a_row_at_the_second_read && ++reads % 2 == 0);
        sqlite3_reset(statement_.get());
        std::uint64_t rows = 0;
        const bool limited = limit_ && settings_.fault != Fault::ignores_the_limit;
        bool more = !(limited && *limit_ == 0) && database_.step(statement_.get());
        while (more) {
            if (stop.stop_requested()) {
                throw errors::InterruptedError();
            }
            if (!loses) {
                write_values(writer, values());
                more = next(++rows) && !(limited && rows == *limit_);
            } else {
                // The row is written when there is one behind it.
                const std::vector<Value> kept = values();
                more = next(++rows) && !(limited && rows == *limit_);
                if (more) {
                    write_values(writer, kept);
                }
            }
        }
        if (rows == 0 && settings_.fault == Fault::gives_a_row_for_none) {
            write_values(writer, std::vector<Value>(columns_.size(), Value(std::int64_t{0})));
        }
    }

private:
    /// A session that nobody ends, in a transaction that reads.
    void keep_a_lock() {
        static std::vector<std::unique_ptr<Database>> sessions;
        sessions.push_back(std::make_unique<Database>(settings_));
        static std::vector<Statement> statements;
        statements.push_back(sessions.back()->prepare("SELECT * FROM sqlite_schema"));
        sessions.back()->step(statements.back().get());
    }

    bool next(std::uint64_t rows) {
        constexpr std::uint64_t page = 1000;
        if (settings_.fault == Fault::reads_in_pages && rows % page == 0) {
            // Between two pages the table may change.
            statement_.reset();
            statement_ = database_.prepare(fmt::format("SELECT * FROM ({}) LIMIT -1 OFFSET {}", query_, rows));
        }
        return database_.step(statement_.get());
    }

    Value value_at(int i) {
        sqlite3_stmt* const statement = statement_.get();
        switch (sqlite3_column_type(statement, i)) {
            case SQLITE_INTEGER: {
                const std::int64_t value = sqlite3_column_int64(statement, i);
                // Not the very ends, which a double beyond them would overflow.
                if (settings_.fault == Fault::goes_through_a_double && value < std::int64_t{1} << 62U) {
                    return static_cast<std::int64_t>(static_cast<double>(value));
                }
                if (settings_.fault == Fault::writes_null_for_what_is_refused && (value > 127 || value < -128)) {
                    return std::int64_t{127};
                }
                return value;
            }
            case SQLITE_FLOAT:
                return sqlite3_column_double(statement, i);
            case SQLITE_NULL:
                return settings_.fault == Fault::null_becomes_empty ? Value("") : Value();
            default: {
                std::string text = text_at(statement, i);
                if (text.empty() && settings_.fault == Fault::empty_becomes_null) {
                    return {};
                }
                if (settings_.fault == Fault::cuts_long_text) {
                    text.resize(std::min<std::size_t>(text.size(), 65'535));
                }
                if (settings_.fault == Fault::flattens_text) {
                    std::replace(text.begin(), text.end(), '\n', ' ');
                }
                return text;
            }
        }
    }
    std::vector<Value> values() {
        std::vector<Value> values;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            values.push_back(value_at(static_cast<int>(i)));
        }
        if (settings_.fault == Fault::swaps_columns && values.size() > 1) {
            std::swap(values[0], values[1]);
        }
        return values;
    }
    static void write_values(RowWriter& writer, const std::vector<Value>& values) {
        writer.begin_row();
        for (const Value& value : values) {
            if (const auto* const integer = std::get_if<std::int64_t>(&value.variant())) {
                writer.int64(*integer);
            } else if (const auto* const real = std::get_if<double>(&value.variant())) {
                writer.float64(*real);
            } else if (const auto* const text = std::get_if<std::string>(&value.variant())) {
                writer.text(*text);
            } else {
                writer.null();
            }
        }
        writer.end_row();
    }

    const Settings settings_;
    std::string query_;
    const std::optional<std::uint64_t> limit_;
    Database database_;
    Statement statement_;
    std::vector<ResultColumn> columns_;
};

/// Rows from a LineServer: "1 text".
class LineRows final : public Rows {
public:
    LineRows(std::string port, Fault fault) : port_(std::move(port)), fault_(fault) {}
    [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }
    void write(RowWriter& writer, const std::stop_token& /*stop*/) override {
        const std::string all = all_of(port_);
        const bool complete = all.ends_with("\n.\n");
        if (!complete && fault_ != Fault::takes_a_cut_for_the_end) {
            throw errors::ExternalDatasourceError("the source went away", {}, {}, errors::ExitCode::temporary);
        }
        std::string_view rest = all;
        for (std::size_t end = 0; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1)) {
            const std::string_view line = rest.substr(0, end);
            if (line != ".") {
                writer.begin_row();
                writer.integer(line.substr(0, line.find(' ')));
                writer.text(line.substr(line.find(' ') + 1));
                writer.end_row();
            }
        }
    }

private:
    const std::string port_;
    const Fault fault_;
    const std::vector<ResultColumn> columns_{{"id", "any", true, {}}, {"pad", "any", true, {}}};
};

class FaultyConnector final : public SqlConnector {
public:
    FaultyConnector(Fault fault, const Environment& environment) : SqlConnector(environment) {
        settings_ = {fault, config::get("FAULTY_DATABASE", environment),
                     config::get_or("FAULTY_PASSWORD", "", environment)};
        port_ = config::get_or("FAULTY_PORT", "", environment);
    }

protected:
    std::vector<Scope> get_scopes_() override { return {{"Table", "table"}}; }
    std::vector<ScopeItem> list_scope_(const Parents& /*parents*/) override {
        Database database(settings_);
        const Statement statement = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'");
        std::vector<ScopeItem> items;
        while (database.step(statement.get())) {
            const std::string name = text_at(statement.get(), 0);
            if (settings_.fault != Fault::lists_no_tables) {
                items.push_back({name, name, "table", {}, {}});
            }
        }
        return items;
    }
    schema::Schema suggest_schema_(const Parents& scopes) override {
        Database database(settings_);
        schema::Schema schema;
        schema.table = scopes.at("table");
        schema.scopes = {{"table", schema.table}};
        const Statement statement = database.prepare("SELECT name, type, \"notnull\", pk FROM pragma_table_info(" +
                                                     quoted(schema.table, '\'') + ")");
        while (database.step(statement.get())) {
            schema::Column column;
            column.name = text_at(statement.get(), 0);
            // As SQLite writes its own types, whatever the case they were declared in.
            const std::string type = text_at(statement.get(), 1);
            column.source_type = type;
            column.type = settings_.fault == Fault::suggests_text || type == "TEXT" || type == "text" ? schema::String()
                          : type == "tiny"                                                            ? schema::Int8()
                          : type == "real" ? schema::Float64()
                                           : schema::Int64();
            column.remark = type == "tiny" ? "beyond 8 bits does not fit" : "";
            const bool not_null = sqlite3_column_int(statement.get(), 2) != 0;
            column.type = column.type.with_nullable(!not_null || settings_.fault == Fault::forgets_not_null);
            if (sqlite3_column_int(statement.get(), 3) != 0) {
                schema.sorting_key.push_back(column.name);
            }
            schema.columns.push_back(std::move(column));
        }
        if (schema.columns.empty()) {
            throw errors::InvalidArgument("there is no table \"" + schema.table + "\"");
        }
        return schema;
    }
    std::string ingest_query_(const schema::Schema& schema, const std::vector<std::string>& names) override {
        const char quote = '"';
        std::string list;
        for (const std::string& name : names) {
            list +=
                (list.empty() ? "" : ", ") + (settings_.fault == Fault::does_not_quote ? name : quoted(name, quote));
        }
        return "SELECT " + list + " FROM " + quoted(schema.table, quote);
    }
    Export export_(const ExportRequest& request) override {
        if (!port_.empty()) {
            return std::make_unique<LineRows>(port_, settings_.fault);
        }
        return std::make_unique<FaultyRows>(settings_, request);
    }
    CursorBound cursor_bound_(const CursorRequest& request) override {
        Database database(settings_);
        const Statement statement =
            database.prepare("SELECT max(" + request.column.name + ") FROM (" + request.query + ")");
        database.step(statement.get());
        return {text_at(statement.get(), 0), true, {}};
    }
    std::string cursor_query_(const CursorRequest& request, const CursorRange& range) override {
        if (settings_.fault == Fault::ignores_the_cursor || !range.from) {
            return request.query;
        }
        return "SELECT * FROM (" + request.query + ") WHERE " + request.column.name + " > " + *range.from;
    }

private:
    static std::string quoted(std::string_view name, char quote) {
        std::string result(1, quote);
        for (const char c : name) {
            result += c == quote ? std::string(2, quote) : std::string(1, c);
        }
        return result + quote;
    }

    Settings settings_;
    std::string port_;
};

/// Writes by a connection of its own each time.
class SqliteStatements final : public conformance::Statements {
public:
    explicit SqliteStatements(std::string file) : file_(std::move(file)) {}
    void execute(const std::vector<std::string>& statements) override {
        for (const std::string& statement : statements) {
            run(statement);
        }
    }
    std::vector<std::string> column(const std::string& query) override { return run(query); }

private:
    std::vector<std::string> run(const std::string& sql) {
        sqlite3* raw = nullptr;
        sqlite3_open(file_.c_str(), &raw);
        const std::unique_ptr<sqlite3, Close> handle(raw);
        std::vector<std::string> values;
        const auto add = [](void* into, int, char** texts, char**) {
            static_cast<std::vector<std::string>*>(into)->emplace_back(texts[0] == nullptr ? "" : texts[0]);
            return 0;
        };
        sqlite3_exec(raw, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
        if (sqlite3_exec(raw, sql.c_str(), add, &values, nullptr) != SQLITE_OK) {
            throw std::runtime_error(sqlite3_errmsg(raw));
        }
        return values;
    }

    const std::string file_;
};

std::vector<conformance::TypeCase> type_cases() {
    std::vector<conformance::TypeCase> types(3);
    types[0].name = "number";
    types[0].source_type = "integer";
    types[0].values = {"-9223372036854775808", "9007199254740993", "0", "NULL"};
    types[0].target_type = "Nullable(Int64)";
    types[0].suggested_type = "Nullable(Int64)";
    types[1].name = "words";
    types[1].source_type = "text";
    types[1].values = {"''", "NULL", "'a' || char(10)", "'é'"};
    types[1].target_type = "Nullable(String)";
    types[2].name = "small";
    types[2].source_type = "tiny";
    types[2].values = {"1"};
    types[2].refused = {"300"};
    types[2].target_type = "Nullable(Int8)";
    return types;
}

}  // namespace

conformance::Subject faulty_subject(Fault fault, const Environment& environment, const std::string& database) {
    const std::string no_host = "SQLite is a library";
    conformance::Subject subject;
    subject.name = "faulty";
    subject.environment =
        environment.with("FAULTY_DATABASE", database).with("FAULTY_PASSWORD", "the-password-of-the-tests");
    subject.make = [fault](const Environment& chosen) { return std::make_unique<FaultyConnector>(fault, chosen); };
    subject.variables = {"FAULTY_DATABASE", "FAULTY_PASSWORD"};
    subject.secret_variables = {"FAULTY_PASSWORD"};
    subject.statements = std::make_shared<SqliteStatements>(database);
    subject.dialect.integer = "integer";
    subject.dialect.hex = "hex(CAST({text} AS BLOB))";
    subject.dialect.no_columns = {"PRAGMA foreign_keys = OFF"};
    subject.dialect.most_columns = 100;
    subject.types = type_cases();
    subject.faults = {{"database", {{"FAULTY_DATABASE", "/no/such/file"}}, "/no/such/file"}};
    subject.formats = {Format::csv};
    subject.skips = {{"connection/host", no_host},
                     {"connection/port", no_host},
                     {"connection/password", no_host},
                     {"cancel/at_the_source", no_host},
                     {"cut_wire", no_host}};
    return subject;
}

}  // namespace tinybird_cdk::testing
