// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <array>
#include <cerrno>
#include <mutex>
#include <new>
#include <system_error>

#include <poll.h>
#include <sys/socket.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "session_limits.hpp"
#include "stop_event.hpp"

namespace tinybird_cdk::mysql {

namespace {

/// What would change values, their notation or how the query is read is fixed, whatever the user's or the server's
/// settings are. A limit of the server's would cut every load in silence. A load may wait for long in the middle, as
/// when Tinybird asks for patience.
constexpr std::array session_statements{
    "SET SESSION time_zone = '+00:00', "
    "sql_mode = CONCAT('STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', "
    "IF(FIND_IN_SET('ONLY_FULL_GROUP_BY', @@SESSION.sql_mode), ',ONLY_FULL_GROUP_BY', '')), "
    "sql_select_limit = 18446744073709551615, net_write_timeout = 86400, wait_timeout = 86400",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    // For the transactions after this one too: some statements end it by themselves.
    "SET SESSION TRANSACTION READ ONLY", "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"};

SessionHandle new_session(const ConnectionOptions& options) {
    static std::once_flag once;
    std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
    SessionHandle session(mysql_init(nullptr));
    if (!session) {
        throw std::bad_alloc();
    }
    apply(options, *session);
    return session;
}

SqlError error_of(MYSQL& session) {
    return {mysql_errno(&session), mysql_sqlstate(&session), mysql_error(&session)};
}

const char* text_or_null(const std::optional<std::string>& text) noexcept {
    return text ? text->c_str() : nullptr;
}

/// Waits for what libmariadb waits for. @return what came of it; a time-out when the token asks to stop, so that
/// libmariadb cleans up by itself
int wait_for(MYSQL& session, int wanted, int stop_descriptor) {
    std::array<pollfd, 2> waiting{{{mysql_get_socket(&session), 0, 0}, {stop_descriptor, POLLIN, 0}}};
    constexpr std::array<std::pair<int, short>, 3> events{
        {{MYSQL_WAIT_READ, POLLIN}, {MYSQL_WAIT_WRITE, POLLOUT}, {MYSQL_WAIT_EXCEPT, POLLPRI}}};
    for (const auto& [wait, event] : events) {
        if ((wanted & wait) != 0) {
            waiting[0].events = static_cast<short>(waiting[0].events | event);
        }
    }
    const int timeout =
        (wanted & MYSQL_WAIT_TIMEOUT) != 0 ? static_cast<int>(mysql_get_timeout_value_ms(&session)) : -1;
    int ready = 0;
    do {
        ready = ::poll(waiting.data(), waiting.size(), timeout);
    } while (ready < 0 && errno == EINTR);
    if (ready < 0) {
        throw std::system_error(errno, std::generic_category(), "poll");
    }
    if (ready == 0 || waiting[1].revents != 0) {
        return MYSQL_WAIT_TIMEOUT;
    }
    int result = 0;
    for (const auto& [wait, event] : events) {
        // Errors are found by trying.
        if ((wanted & wait) != 0 && (waiting[0].revents & (event | POLLERR | POLLHUP)) != 0) {
            result |= wait;
        }
    }
    return result;
}

bool real_connect(MYSQL& session, const ConnectionOptions& options, const std::stop_token& stop) {
    const StopEvent stop_event(stop);
    MYSQL* connected = nullptr;
    int wanted =
        mysql_real_connect_start(&connected, &session, text_or_null(options.host), text_or_null(options.user),
                                 options.has_password ? options.password.reveal().c_str() : nullptr,
                                 text_or_null(options.database), options.port, text_or_null(options.socket), 0);
    while (wanted != 0) {
        wanted = mysql_real_connect_cont(&connected, &session, wait_for(session, wanted, stop_event.descriptor()));
    }
    return connected != nullptr;
}

}  // namespace

void Connection::Cut::operator()() const noexcept {
    ::shutdown(socket, SHUT_RDWR);
}

Connection::Connection(const Environment& environment, const SourceLimits& limits, const std::stop_token& stop)
    : options_(connection_options(environment)), session_(new_session(options_)), stop_(stop) {
    connect();
    stop_with(stop);
    begin_session(limits);
}

Connection::~Connection() {
    if (busy_) {
        cut();
    }
    on_stop_.reset();
    if (busy_) {
        // The server itself would notice only when it next sends something.
        kill();
    }
}

void Connection::connect() {
    if (!real_connect(*session_, options_, stop_)) {
        SqlError error = error_of(*session_);
        // libmariadb names the host only.
        if (options_.port != 0 && options_.host && options_.host != "localhost") {
            error.message += fmt::format(" (port {})", options_.port);
        }
        fail(error, Doing::connecting);
    }
    // The password may also have come from an option file.
    if (session_->passwd != nullptr) {
        logger::remember_secret(session_->passwd);
    }
    if (options_.needs_tls() && mysql_get_ssl_cipher(session_.get()) == nullptr) {
        throw errors::ExternalDatasourceError("MYSQL_SSL_MODE asks for TLS, and the server has none", {},
                                              "Turn it on at the server, or change MYSQL_SSL_MODE.");
    }
}

void Connection::begin_session(const SourceLimits& limits) {
    if (mysql_set_character_set(session_.get(), "utf8mb4") != 0) {
        fail(error_of(*session_));
    }
    limit_session(*this, limits);
    for (const char* const statement : session_statements) {
        run(statement);
    }
}

void Connection::stop_with(const std::stop_token& stop) {
    stop_ = stop;
    on_stop_.reset();
    on_stop_.emplace(stop, Cut{static_cast<int>(mysql_get_socket(session_.get()))});
}

std::vector<TextRow> Connection::run(const std::string& sql) {
    busy_ = true;
    if (mysql_real_query(session_.get(), sql.data(), static_cast<unsigned long>(sql.size())) != 0) {
        // The server is done with it, unless the connection is cut.
        const SqlError error = error_of(*session_);
        busy_ = error.is_of_client();
        fail(error);
    }
    const ResultHandle result(mysql_store_result(session_.get()));
    if (!result && mysql_errno(session_.get()) != 0) {
        fail(error_of(*session_));
    }
    busy_ = false;
    std::vector<TextRow> rows;
    while (const MYSQL_ROW row = result ? mysql_fetch_row(result.get()) : nullptr) {
        const unsigned long* const lengths = mysql_fetch_lengths(result.get());
        TextRow& values = rows.emplace_back();
        for (unsigned int i = 0; i < mysql_num_fields(result.get()); ++i) {
            values.push_back(row[i] == nullptr ? std::nullopt : std::optional(std::string(row[i], lengths[i])));
        }
    }
    return rows;
}

void Connection::limit_rows(std::uint64_t rows) {
    run(fmt::format("SET SESSION sql_select_limit = {}", rows));
}

void Connection::cut() noexcept {
    Cut{static_cast<int>(mysql_get_socket(session_.get()))}();
}

void Connection::fail(const SqlError& error, Doing doing) const {
    if (stop_.stop_requested()) {
        throw errors::InterruptedError();
    }
    throw_error(error, doing);
}

/// By a connection of its own, for this one is cut. The whole session, so that its snapshot goes too.
void Connection::kill() const noexcept {
    try {
        constexpr unsigned int unknown_session = 1094;
        const SessionHandle other = new_session(options_);
        const unsigned int timeout = 5;
        mysql_optionsv(other.get(), MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
        const std::string statement = fmt::format("KILL {}", mysql_thread_id(session_.get()));
        if (!real_connect(*other, options_, {}) ||
            (mysql_query(other.get(), statement.c_str()) != 0 && mysql_errno(other.get()) != unknown_session)) {
            logger::warning(fmt::format("the query could not be cancelled at MySQL: {}", mysql_error(other.get())));
        }
    } catch (...) {  // NOLINT(bugprone-empty-catch): the connection is closed next, which ends the query too, if later
    }
}

}  // namespace tinybird_cdk::mysql
