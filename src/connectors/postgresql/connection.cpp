// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "sql_error.hpp"

namespace tinybird_cdk::postgresql {

namespace {

/// Without a limit of the user's own, an unreachable host would be waited for by the kernel's: minutes.
constexpr const char* connect_timeout_seconds = "15";

/// What would change the notation of values is fixed, whatever the user's, the database's or the server's settings are.
constexpr const char* session =
    "SET client_encoding = 'UTF8'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC'; "
    "SET extra_float_digits = 1; SET bytea_output = 'hex'; SET standard_conforming_strings = on; "
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// libpq's keyword for each variable that the environment overrides; the others libpq reads itself.
struct Keywords {
    std::vector<std::string> names;
    std::vector<std::string> values;
    void add(std::string name, std::string value) {
        names.push_back(std::move(name));
        values.push_back(std::move(value));
    }
};

Keywords keywords_of(const Environment& environment) {
    Keywords keywords;
    const OptionsHandle options(PQconndefaults());
    bool has_timeout = environment.get("PGCONNECT_TIMEOUT").has_value();
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
        if (option->envvar == nullptr) {
            continue;
        }
        const bool own = environment.overrides().contains(option->envvar) || !environment.from_process();
        const auto value = environment.get(option->envvar);
        if (own && value && !value->empty()) {
            keywords.add(option->keyword, *value);
        }
    }
    if (!has_timeout) {
        keywords.add("connect_timeout", connect_timeout_seconds);
    }
    keywords.add("fallback_application_name", "tinybird-cdk " + environment.get("TB_CDK_TAG").value_or(""));
    return keywords;
}

/// Wakes a poll(2) when a token asks to stop.
class StopEvent {
public:
    explicit StopEvent(const std::stop_token& stop)
        : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), on_stop_(stop, Signal{descriptor_}) {
        if (descriptor_ < 0) {
            throw std::system_error(errno, std::generic_category(), "eventfd");
        }
    }
    StopEvent(const StopEvent&) = delete;
    StopEvent& operator=(const StopEvent&) = delete;
    ~StopEvent() { ::close(descriptor_); }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    struct Signal {
        int descriptor;
        void operator()() const noexcept {
            // A full counter wakes the poll as well, so the result tells nothing.
            static_cast<void>(::eventfd_write(descriptor, 1));
        }
    };
    int descriptor_;
    std::stop_callback<Signal> on_stop_;
};

/// Notices of the server ("table does not exist, skipping") are not for the user's terminal.
void log_notice(void*, const char* message) {
    logger::debug(message);
}

}  // namespace

Connection::Connection(const Environment& environment) {
    const Keywords keywords = keywords_of(environment);
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (std::size_t i = 0; i < keywords.names.size(); ++i) {
        names.push_back(keywords.names[i].c_str());
        values.push_back(keywords.values[i].c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    connection_.reset(PQconnectdbParams(names.data(), values.data(), 0));
    if (!connection_) {
        throw std::bad_alloc();
    }
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
        throw_connection(connection_.get(), true);
    }
    // The password may have come from a file or a service.
    if (const char* const password = PQpass(connection_.get())) {
        logger::remember_secret(password);
    }
    PQsetNoticeProcessor(connection_.get(), log_notice, nullptr);
    run(session);
}

ResultHandle Connection::run(const std::string& sql) {
    ResultHandle result(PQexec(connection_.get(), sql.c_str()));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        if (PQstatus(connection_.get()) != CONNECTION_OK) {
            throw_connection(connection_.get(), false);
        }
        throw_result(result.get(), {});
    }
    return result;
}

ResultHandle Connection::run(const std::string& sql, const std::vector<std::string>& parameters) {
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const std::string& parameter : parameters) {
        values.push_back(parameter.c_str());
    }
    ResultHandle result(PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                                     values.data(), nullptr, nullptr, 0));
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
        throw_result(result.get(), {});
    }
    return result;
}

ResultHandle Connection::run_query(const std::string& sql) {
    ResultHandle result(PQexecParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        throw_result(result.get(), sql);
    }
    return result;
}

ResultHandle Connection::describe(const std::string& sql) {
    const ResultHandle prepared(PQprepare(connection_.get(), "", sql.c_str(), 0, nullptr));
    if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) {
        throw_result(prepared.get(), sql);
    }
    ResultHandle described(PQdescribePrepared(connection_.get(), ""));
    if (PQresultStatus(described.get()) != PGRES_COMMAND_OK) {
        throw_result(described.get(), sql);
    }
    return described;
}

void Connection::begin_copy(const std::string& statement, std::string_view query, std::size_t prefix) {
    const ResultHandle result(PQexec(connection_.get(), statement.c_str()));
    if (PQresultStatus(result.get()) != PGRES_COPY_OUT) {
        if (PQstatus(connection_.get()) != CONNECTION_OK) {
            throw_connection(connection_.get(), false);
        }
        throw_result(result.get(), query, prefix);
    }
}

MemoryHandle Connection::next_copy_message(std::string_view& bytes, const std::stop_token& stop, std::string_view query,
                                           std::size_t prefix) {
    while (true) {
        char* memory = nullptr;
        const int size = PQgetCopyData(connection_.get(), &memory, 1);
        MemoryHandle message(memory);
        if (size > 0) {
            bytes = {memory, static_cast<std::size_t>(size)};
            return message;
        }
        if (size == 0) {
            wait_readable(stop);
            if (PQconsumeInput(connection_.get()) == 0) {
                throw_connection(connection_.get(), false);
            }
            continue;
        }
        if (size == -2) {
            throw_connection(connection_.get(), false);
        }
        // The end of the data; whether the server is content stands in the result.
        while (const ResultHandle result{PQgetResult(connection_.get())}) {
            if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
                if (PQstatus(connection_.get()) != CONNECTION_OK) {
                    throw_connection(connection_.get(), false);
                }
                throw_result(result.get(), query, prefix);
            }
        }
        bytes = {};
        return nullptr;
    }
}

void Connection::wait_readable(const std::stop_token& stop) {
    const StopEvent event(stop);
    std::array<pollfd, 2> waiting{{{PQsocket(connection_.get()), POLLIN, 0}, {event.descriptor(), POLLIN, 0}}};
    while (true) {
        if (stop.stop_requested()) {
            cancel();
            throw errors::InterruptedError();
        }
        const int ready = ::poll(waiting.data(), waiting.size(), -1);
        if (ready < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "poll");
        }
        if (ready > 0 && waiting[0].revents != 0) {
            return;
        }
    }
}

void Connection::cancel() noexcept {
    const CancelHandle cancel(PQgetCancel(connection_.get()));
    std::array<char, 256> error{};
    if (cancel && PQcancel(cancel.get(), error.data(), static_cast<int>(error.size())) == 0) {
        try {
            logger::warning(fmt::format("the query could not be cancelled at PostgreSQL: {}", error.data()));
        } catch (...) {  // NOLINT(bugprone-empty-catch): the connection is closed next, which ends the query too
        }
    }
}

bool Connection::valid_utf8() const {
    const char* const encoding = PQparameterStatus(connection_.get(), "server_encoding");
    // SQL_ASCII means that the server neither knows nor checks what its text is.
    return encoding != nullptr && std::string_view(encoding) != "SQL_ASCII";
}

}  // namespace tinybird_cdk::postgresql
