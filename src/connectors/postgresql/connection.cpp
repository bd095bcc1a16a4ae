// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <new>
#include <system_error>

#include <poll.h>
#include <sys/socket.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "connection_string.hpp"

namespace tinybird_cdk::postgresql {

namespace {

/// What would change the notation of values is fixed, whatever the user's, the database's or the server's settings are.
/// For the transaction only: behind a pooler the next one on this session is somebody else's.
constexpr const char* session =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL client_encoding = 'UTF8'; "
    "SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL TimeZone = 'UTC'; "
    "SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL standard_conforming_strings = on";

/// A pooler throws a server's session away when its client leaves in the middle of a transaction.
constexpr std::chrono::seconds patience_at_end{1};

/// See wait_for_much_input().
constexpr int much_input_bytes = 64 * 1024;
constexpr int much_input_milliseconds = 2;

/// OpenSSL may hold bytes that the socket no longer shows, and libpq has no call that tells; so a wait on an encrypted
/// connection looks again now and then.
constexpr int encrypted_wait_milliseconds = 100;

/// Notices of the server ("table does not exist, skipping") are not for the user's terminal.
void log_notice(void* /*unused*/, const char* message) {
    try {
        logger::debug(one_line(message));
    } catch (...) {  // NOLINT(bugprone-empty-catch): no exception may pass through libpq
    }
}

/// Of the transaction too; what is not limited is as the user's and the server's settings have it.
std::string limits_text(const SourceLimits& limits) {
    std::string text;
    if (limits.statement_timeout) {
        text += fmt::format("; SET LOCAL statement_timeout = {}", limits.statement_timeout->count());
    }
    if (limits.lock_timeout) {
        text += fmt::format("; SET LOCAL lock_timeout = {}", limits.lock_timeout->count());
    }
    return text;
}

bool is_failure(ExecStatusType status) {
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_EMPTY_QUERY;
}

}  // namespace

Connection::Connection(const Environment& environment, const SourceLimits& limits, const std::stop_token& stop) {
    stop_with(stop);
    logger::remember_secret(environment.get("PGPASSWORD").value_or(""));
    connection_.reset(PQconnectdb(connection_string(environment, limits.replica).c_str()));
    if (!connection_) {
        throw std::bad_alloc();
    }
    // The password may also have come from a file or a service.
    if (const char* const password = PQpass(connection_.get())) {
        logger::remember_secret(password);
    }
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
        throw_connection(connection_.get(), true);
    }
    PQsetNoticeProcessor(connection_.get(), log_notice, nullptr);
    run(session + limits_text(limits));
}

Connection::~Connection() {
    // The server itself would notice only when it next sends something.
    if (PQtransactionStatus(connection_.get()) == PQTRANS_ACTIVE) {
        cancel();
    } else {
        end_transaction();
    }
}

void Connection::end_transaction() noexcept {
    PGconn* const connection = connection_.get();
    if (PQtransactionStatus(connection) == PQTRANS_IDLE || PQsendQuery(connection, "ROLLBACK") != 1) {
        return;
    }
    PQflush(connection);
    const auto end = std::chrono::steady_clock::now() + patience_at_end;
    while (PQisBusy(connection) == 1) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd input{PQsocket(connection), POLLIN, 0};
        if (left.count() <= 0 || ::poll(&input, 1, static_cast<int>(left.count())) <= 0 ||
            PQconsumeInput(connection) != 1) {
            return;
        }
    }
}

void Connection::stop_with(const std::stop_token& stop) {
    stop_event_ = std::make_unique<StopEvent>(stop);
    stop_ = stop;
}

ResultHandle Connection::run(const std::string& sql) {
    return result_of(PQsendQuery(connection_.get(), sql.c_str()), {});
}

ResultHandle Connection::run(const std::string& sql, const std::vector<std::string>& parameters) {
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const std::string& parameter : parameters) {
        values.push_back(parameter.c_str());
    }
    return result_of(PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                                       values.data(), nullptr, nullptr, 0),
                     {});
}

ResultHandle Connection::run_query(const std::string& sql) {
    ResultHandle result = result_of(
        PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0), {.text = sql});
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        throw errors::InvalidArgument("a COPY statement gives no rows", "Give the query itself.");
    }
    return result;
}

ResultHandle Connection::describe(const std::string& sql) {
    const SentQuery query{.text = sql};
    result_of(PQsendPrepare(connection_.get(), "", sql.c_str(), 0, nullptr), query);
    return result_of(PQsendDescribePrepared(connection_.get(), ""), query);
}

void Connection::begin_copy(const std::string& statement, const SentQuery& query) {
    const ResultHandle result = result_of(PQsendQuery(connection_.get(), statement.c_str()), query);
    if (PQresultStatus(result.get()) != PGRES_COPY_OUT) {
        throw errors::ExternalDatasourceError("PostgreSQL did not begin the copy that it was asked for");
    }
}

MemoryHandle Connection::next_copy_message(std::string_view& bytes, const SentQuery& query) {
    bool kernel_is_drained = false;
    while (true) {
        // Asked for each message, for a fast source never makes the connection wait.
        if (stop_.stop_requested()) {
            throw errors::InterruptedError();
        }
        char* memory = nullptr;
        const int size = PQgetCopyData(connection_.get(), &memory, 1);
        MemoryHandle message(memory);
        if (size > 0) {
            bytes = {memory, static_cast<std::size_t>(size)};
            return message;
        }
        if (size == 0) {
            // libpq takes 16 kB at a time, so there is often more to read without a wait.
            if (kernel_is_drained) {
                wait_for_much_input();
            } else {
                consume_input();
            }
            kernel_is_drained = !kernel_is_drained;
            continue;
        }
        if (size == -2) {
            throw_connection(connection_.get(), false);
        }
        // The end of the data; whether the server is content stands in the result.
        result_of(1, query);
        bytes = {};
        return nullptr;
    }
}

/// @param sent what the call that sent the statement returned
ResultHandle Connection::result_of(int sent, const SentQuery& query) {
    if (sent == 0) {
        throw_connection(connection_.get(), false);
    }
    ResultHandle last;
    while (ResultHandle result = next_result()) {
        const ExecStatusType status = PQresultStatus(result.get());
        if (is_failure(status)) {
            skip_results();
            throw_result(result.get(), query);
        }
        last = std::move(result);
        if (status == PGRES_COPY_OUT || status == PGRES_COPY_IN || status == PGRES_COPY_BOTH) {
            break;
        }
    }
    if (!last) {
        throw_connection(connection_.get(), false);
    }
    return last;
}

/// What follows an error is read, so that the connection can be used again.
void Connection::skip_results() {
    try {
        while (next_result()) {
        }
    } catch (const errors::ExternalDatasourceError&) {  // NOLINT(bugprone-empty-catch)
        // The connection is gone as well; why, the error says that is thrown next.
    }
}

/// As PQgetResult, but a token can end the wait.
ResultHandle Connection::next_result() {
    while (PQisBusy(connection_.get()) != 0) {
        wait_for_input();
    }
    return ResultHandle(PQgetResult(connection_.get()));
}

void Connection::wait_for_input() {
    std::array<pollfd, 2> waiting{{{PQsocket(connection_.get()), POLLIN, 0}, {stop_event_->descriptor(), POLLIN, 0}}};
    const int timeout = PQsslInUse(connection_.get()) != 0 ? encrypted_wait_milliseconds : -1;
    const int ready = ::poll(waiting.data(), waiting.size(), timeout);
    if (ready < 0 && errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "poll");
    }
    if (stop_.stop_requested()) {
        throw errors::InterruptedError();
    }
    consume_input();
}

/// The server sends 8 kB at a time, and being woken for each costs both sides more than the copying. So a wait is for a
/// lot at first (socket(7), SO_RCVLOWAT), and for anything when that does not come soon.
void Connection::wait_for_much_input() {
    const int socket = PQsocket(connection_.get());
    const auto wake_at = [socket](int bytes) { ::setsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes); };
    std::array<pollfd, 2> waiting{{{socket, POLLIN, 0}, {stop_event_->descriptor(), POLLIN, 0}}};
    wake_at(much_input_bytes);
    const int ready = ::poll(waiting.data(), waiting.size(), much_input_milliseconds);
    wake_at(1);
    if (ready <= 0) {
        wait_for_input();
    } else if (stop_.stop_requested()) {
        throw errors::InterruptedError();
    } else {
        consume_input();
    }
}

void Connection::consume_input() {
    if (PQconsumeInput(connection_.get()) == 0) {
        throw_connection(connection_.get(), false);
    }
}

void Connection::cancel() noexcept {
    const CancelHandle cancel(PQgetCancel(connection_.get()));
    std::array<char, 256> error{};
    if (cancel && PQcancel(cancel.get(), error.data(), static_cast<int>(error.size())) == 0) {
        try {
            logger::warning(fmt::format("the query could not be cancelled at PostgreSQL: {}", one_line(error.data())));
        } catch (...) {  // NOLINT(bugprone-empty-catch): the connection is closed next, which ends the query too
        }
    }
}

int Connection::server_version() const {
    return PQserverVersion(connection_.get());
}

bool Connection::valid_utf8() const {
    const char* const encoding = PQparameterStatus(connection_.get(), "server_encoding");
    // SQL_ASCII means that the server neither knows nor checks what its text is.
    return encoding != nullptr && std::string_view(encoding) != "SQL_ASCII";
}

}  // namespace tinybird_cdk::postgresql
