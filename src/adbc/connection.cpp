// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/adbc.hpp>

#include <array>
#include <cstdint>
#include <utility>

#include <arrow-adbc/adbc.h>
#include <arrow-adbc/adbc_driver_manager.h>
#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "adbc/connection_impl.hpp"
#include "adbc/error.hpp"

namespace tinybird_cdk::adbc {

namespace {

const char* pointer_to(const std::optional<std::string>& text) noexcept {
    return text ? text->c_str() : nullptr;
}

/// Folders of manifests that this process's environment need not name.
std::string manifest_folders(const Environment& environment) {
    std::string folders = environment.get("ADBC_DRIVER_PATH").value_or("");
    const std::string python = environment.get("VIRTUAL_ENV").value_or("");
    if (!python.empty()) {
        folders += (folders.empty() ? "" : ":") + python + "/etc/adbc/drivers";
    }
    return folders;
}

/// The manager says so of a library, a manifest and an init function alike.
bool is_missing_driver(AdbcStatusCode status, const std::string& message) {
    return status == ADBC_STATUS_NOT_FOUND || message.find("dlopen() failed") != std::string::npos ||
           message.find("cannot open shared object file") != std::string::npos;
}

errors::ExternalDatasourceError with(const std::optional<Meaning>& meaning,
                                     const errors::ExternalDatasourceError& refusal) {
    return meaning
               ? errors::ExternalDatasourceError(refusal.what(), refusal.sqlstate(), meaning->hint, meaning->exit_code)
               : refusal;
}

}  // namespace

/// A statement and the connection that it needs. While one is cancelled it is not released.
class Connection::Impl::Running {
public:
    explicit Running(std::shared_ptr<Impl> connection) : connection_(std::move(connection)) {}
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        const std::lock_guard lock(connection_->running_mutex_);
        if (connection_->running_ == statement()) {
            connection_->running_ = nullptr;
        }
    }
    [[nodiscard]] AdbcStatement* statement() noexcept { return statement_.get(); }

private:
    std::shared_ptr<Impl> connection_;
    Statement statement_;
};

Connection::Impl::Impl(const Source& source, const Environment& environment)
    : name_(source.name.empty() ? source.driver : source.name),
      vague_failure_(source.vague_failure),
      one_thread_(source.one_thread),
      statement_options_(source.statement),
      tells_rows_(source.tells_rows),
      on_failure_(source.on_failure),
      meaning_(source.meaning) {
    CallError error;
    error.check(AdbcDatabaseNew(database_.get(), error.get()), name_, "making a database");
    const std::optional<std::string> found = find_driver(source.driver, environment);
    const auto set = [&](const std::string& key, const std::string& value) {
        error.check(AdbcDatabaseSetOption(database_.get(), key.c_str(), value.c_str(), error.get()), name_,
                    fmt::format("setting \"{}\"", key));
    };
    set("driver", found.value_or(source.driver));
    if (!source.entrypoint.empty()) {
        set("entrypoint", source.entrypoint);
    }
    const std::string folders = manifest_folders(environment);
    if (!folders.empty()) {
        AdbcDriverManagerDatabaseSetAdditionalSearchPathList(database_.get(), folders.c_str(), nullptr);
    }
    for (const auto& [key, value] : source.database) {
        set(key, value);
    }
    const AdbcStatusCode status = AdbcDatabaseInit(database_.get(), error.get());
    if (status != ADBC_STATUS_OK && is_missing_driver(status, error.message(status))) {
        // What follows the first line is where the manager looked, in its own terms; the hint says it in the user's.
        const std::string reason = error.message(status);
        throw errors::MissingDriverError(
            fmt::format("there is no ADBC driver \"{}\" here: {}", source.driver, reason.substr(0, reason.find('\n'))),
            install_hint(source.driver));
    }
    check_open(error, status, "opening the database");
    error.check(AdbcConnectionNew(connection_.get(), error.get()), name_, "making a connection");
    for (const auto& [key, value] : source.connection) {
        error.check(AdbcConnectionSetOption(connection_.get(), key.c_str(), value.c_str(), error.get()), name_,
                    fmt::format("setting \"{}\"", key));
    }
    check_open(error, AdbcConnectionInit(connection_.get(), database_.get(), error.get()), "connecting");
}

std::shared_ptr<Connection::Impl::Running> Connection::Impl::prepare(const std::string& sql) {
    // A driver would take what stands before it for all.
    if (const std::size_t nul = sql.find('\0'); nul != std::string::npos) {
        throw errors::InvalidArgument(fmt::format("the query holds a NUL at byte {}", nul + 1));
    }
    auto running = std::make_shared<Running>(shared_from_this());
    CallError error;
    error.check(AdbcStatementNew(connection_.get(), running->statement(), error.get()), name_, "making a statement");
    for (const auto& [key, value] : statement_options_) {
        error.check(AdbcStatementSetOption(running->statement(), key.c_str(), value.c_str(), error.get()), name_,
                    fmt::format("setting \"{}\"", key));
    }
    error.check(AdbcStatementSetSqlQuery(running->statement(), sql.c_str(), error.get()), name_, "taking a query");
    const std::lock_guard lock(running_mutex_);
    running_ = running->statement();
    return running;
}

ArrowStream Connection::Impl::query(const std::string& sql, std::shared_ptr<const Ending> ending) {
    std::shared_ptr<Running> running = prepare(sql);
    CallError error;
    ArrowArrayStream raw{};
    std::int64_t rows = -1;
    // Of queries that are read as exports: what is counted of other statements is not documented.
    std::int64_t* const told = tells_rows_ && ending ? &rows : nullptr;
    const AdbcStatusCode status = AdbcStatementExecuteQuery(running->statement(), &raw, told, error.get());
    if (status != ADBC_STATUS_OK && ending && ending->late) {
        throw errors::ExternalDatasourceError(
            fmt::format("{} failed while running the query: {}", name_, ending->late_text), {}, {},
            errors::ExitCode::temporary);
    }
    if (status != ADBC_STATUS_OK && ending && ending->cancelled) {
        throw errors::InterruptedError();
    }
    if (status != ADBC_STATUS_OK) {
        running.reset();
        if (const auto reason = reason_of(error.message(status), sql)) {
            throw errors::ExternalDatasourceError(fmt::format("{} failed while running the query: {}", name_, *reason));
        }
        refuse(error, status);
    }
    return stream_of(raw, std::move(running), std::move(ending), sql, rows);
}

void Connection::Impl::refuse(const CallError& error, AdbcStatusCode status) {
    try {
        error.check(status, name_, "running the query");
    } catch (const errors::ExternalDatasourceError& refusal) {
        const std::optional<Meaning> meaning = meaning_of(refusal);
        errors::ExternalDatasourceError told = with(meaning, refusal);
        // A driver that finds nobody tries for long.
        if (const std::string said = meaning && meaning->out_of_reach ? std::string() : said_of_failure();
            !said.empty()) {
            told.add_hint(said);
        }
        throw told;
    }
}

void Connection::Impl::check_open(const CallError& error, AdbcStatusCode status, std::string_view doing) const {
    try {
        error.check(status, name_, doing);
    } catch (const errors::ExternalDatasourceError& refusal) {
        throw with(meaning_of(refusal), refusal);
    }
}

std::optional<Meaning> Connection::Impl::meaning_of(const errors::ExternalDatasourceError& refusal) const {
    return meaning_ ? meaning_(refusal.what()) : std::nullopt;
}

std::string Connection::Impl::said_of_failure() {
    if (on_failure_.empty()) {
        return {};
    }
    try {
        const std::shared_ptr<Running> running = prepare(on_failure_);
        CallError error;
        ArrowArrayStream raw{};
        error.check(AdbcStatementExecuteQuery(running->statement(), &raw, nullptr, error.get()), name_,
                    "asking for the failed query");
        const Value said = scalar(read_all(stream_of(raw, running)));
        return said.is_null() ? std::string() : said.to_text();
    } catch (const errors::Error&) {
        // The failure that is on its way says more.
        return {};
    }
}

void Connection::Impl::execute(const std::string& sql) {
    const std::shared_ptr<Running> running = prepare(sql);
    CallError error;
    const AdbcStatusCode status = AdbcStatementExecuteQuery(running->statement(), nullptr, nullptr, error.get());
    error.check(status, name_, "running a statement");
}

bool Connection::Impl::cancel() noexcept {
    CallError error;
    const std::lock_guard lock(running_mutex_);
    if (running_ == nullptr) {
        return false;
    }
    if (AdbcStatementCancel(running_, error.get()) == ADBC_STATUS_OK) {
        return true;
    }
    CallError other;
    return AdbcConnectionCancel(connection_.get(), other.get()) == ADBC_STATUS_OK;
}

/// A statement that does not run is cancelled without harm.
bool Connection::Impl::can_cancel() {
    CallError error;
    Statement idle;
    error.check(AdbcStatementNew(connection_.get(), idle.get(), error.get()), name_, "making a statement");
    CallError ignored;
    CallError also_ignored;
    return AdbcStatementCancel(idle.get(), ignored.get()) != ADBC_STATUS_NOT_IMPLEMENTED ||
           AdbcConnectionCancel(connection_.get(), also_ignored.get()) != ADBC_STATUS_NOT_IMPLEMENTED;
}

std::string Connection::Impl::vendor() {
    const std::uint32_t wanted = ADBC_INFO_VENDOR_NAME;
    CallError error;
    ArrowArrayStream raw{};
    if (AdbcConnectionGetInfo(connection_.get(), &wanted, 1, &raw, error.get()) != ADBC_STATUS_OK) {
        // Not every driver tells.
        return {};
    }
    // Rows of a code and a union with the value.
    const ResultSet rows = read_all(stream_of(raw, std::make_shared<Running>(shared_from_this())));
    return rows.empty() || rows.front().at(1).second.is_null() ? std::string() : rows.front().at(1).second.to_text();
}

ArrowStream Connection::Impl::stream_of(ArrowArrayStream& raw, std::shared_ptr<Running> running,
                                        std::shared_ptr<const Ending> ending, const std::string& sql,
                                        std::int64_t rows) {
    auto kept = std::make_unique<KeptStream>();
    *kept->stream.out() = std::exchange(raw, ArrowArrayStream{});
    kept->keeper = std::move(running);
    kept->ending = std::move(ending);
    if (!sql.empty() && !vague_failure_.empty()) {
        kept->explain = [this, sql](std::string_view text) { return reason_of(text, sql); };
    }
    kept->meaning = meaning_;
    kept->rows_to_come = rows;
    return ArrowStream(outer_stream(std::move(kept)), name_);
}

std::optional<std::string> Connection::Impl::reason_of(std::string_view failure, const std::string& sql) {
    if (vague_failure_.empty() || failure.find(vague_failure_) == std::string_view::npos) {
        return std::nullopt;
    }
    try {
        for (const std::string& statement : one_thread_) {
            execute(statement);
        }
        const std::shared_ptr<Running> running = prepare(sql);
        CallError error;
        ArrowOwner<ArrowArrayStream> again;
        const AdbcStatusCode status =
            AdbcStatementExecuteQuery(running->statement(), again.out(), nullptr, error.get());
        if (status != ADBC_STATUS_OK) {
            return error.message(status);
        }
        OwnedArrowArray batch;
        do {
            if (again->get_next(again.get(), batch.out()) != 0) {
                const char* const text = again->get_last_error(again.get());
                return text == nullptr ? std::nullopt : std::optional<std::string>(text);
            }
        } while (!batch.empty());
        return std::nullopt;
    } catch (const errors::Error&) {
        // Nothing better than what is known.
        return std::nullopt;
    }
}

ArrowStream Connection::Impl::objects(int depth, const std::optional<std::string>& catalog,
                                      const std::optional<std::string>& schema,
                                      const std::optional<std::string>& table) {
    CallError error;
    ArrowArrayStream raw{};
    error.check(AdbcConnectionGetObjects(connection_.get(), depth, pointer_to(catalog), pointer_to(schema),
                                         pointer_to(table), nullptr, nullptr, &raw, error.get()),
                name_, "listing what there is");
    // It needs the connection only.
    return stream_of(raw, std::make_shared<Running>(shared_from_this()));
}

ArrowStream Connection::Impl::statistics(const std::optional<std::string>& catalog,
                                         const std::optional<std::string>& schema,
                                         const std::optional<std::string>& table) {
    CallError error;
    ArrowArrayStream raw{};
    constexpr char approximate = 1;
    error.check(AdbcConnectionGetStatistics(connection_.get(), pointer_to(catalog), pointer_to(schema),
                                            pointer_to(table), approximate, &raw, error.get()),
                name_, "asking for statistics");
    return stream_of(raw, std::make_shared<Running>(shared_from_this()));
}

OwnedArrowSchema Connection::Impl::table_schema(const std::optional<std::string>& catalog,
                                                const std::optional<std::string>& schema, const std::string& table) {
    CallError error;
    OwnedArrowSchema result;
    error.check(AdbcConnectionGetTableSchema(connection_.get(), pointer_to(catalog), pointer_to(schema), table.c_str(),
                                             result.out(), error.get()),
                name_, fmt::format("describing table \"{}\"", table));
    return result;
}

Connection::Connection(const Source& source, const Environment& environment)
    : impl_(std::make_shared<Impl>(source, environment)) {
    for (const std::string& statement : source.setup) {
        execute(statement);
    }
}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

ArrowStream Connection::query(const std::string& sql) {
    return impl_->query(sql);
}

void Connection::execute(const std::string& sql) {
    impl_->execute(sql);
}

bool Connection::cancel() noexcept {
    return impl_->cancel();
}

bool Connection::can_cancel() {
    return impl_->can_cancel();
}

std::string Connection::vendor() {
    return impl_->vendor();
}

ArrowStream Connection::objects(Depth depth, const std::optional<std::string>& catalog,
                                const std::optional<std::string>& schema, const std::optional<std::string>& table) {
    constexpr std::array depths{ADBC_OBJECT_DEPTH_CATALOGS, ADBC_OBJECT_DEPTH_DB_SCHEMAS, ADBC_OBJECT_DEPTH_TABLES,
                                ADBC_OBJECT_DEPTH_COLUMNS};
    return impl_->objects(depths[static_cast<std::size_t>(depth)], catalog, schema, table);
}

ArrowStream Connection::statistics(const std::optional<std::string>& catalog, const std::optional<std::string>& schema,
                                   const std::optional<std::string>& table) {
    return impl_->statistics(catalog, schema, table);
}

OwnedArrowSchema Connection::table_schema(const std::optional<std::string>& catalog,
                                          const std::optional<std::string>& schema, const std::string& table) {
    return impl_->table_schema(catalog, schema, table);
}

}  // namespace tinybird_cdk::adbc
