// SPDX-License-Identifier: Apache-2.0
#include "writers.hpp"

#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/retry.hpp>

namespace tinybird_cdk::mysql {

namespace {

constexpr const char* lag_hint = "Or give a --lag longer than any transaction that writes.";

/// A session that runs a statement.
struct Running {
    std::string id;
    /// In seconds of the server's clock: not before this; nothing when it can't be told.
    std::optional<double> started_after;
};

/// Waits in small steps, until patience is over.
class Wait {
public:
    Wait(std::string_view column, std::chrono::milliseconds patience, std::stop_token stop)
        : column_(column), patience_(patience), end_(clock_->now() + patience), stop_(std::move(stop)) {}

    /// @param reason what is waited for, as in "session 17 of the server has been writing"
    void step(const std::string& reason) {
        // The list of transactions is renewed when nobody has looked at it for a tenth of a second.
        constexpr std::chrono::milliseconds pause{120};
        if (clock_->now() >= end_) {
            throw errors::ExternalDatasourceError(
                fmt::format("{} for more than {:g} s; rows with lower values of \"{}\" may come", reason,
                            std::chrono::duration<double>(patience_).count(), column_),
                {}, fmt::format("Try again when its transaction has ended. {}", lag_hint), errors::ExitCode::temporary);
        }
        if (!clock_->sleep(pause, stop_)) {
            throw errors::InterruptedError();
        }
    }

private:
    const std::shared_ptr<Clock> clock_ = Clock::system();
    const std::string_view column_;
    const std::chrono::milliseconds patience_;
    const std::chrono::steady_clock::time_point end_;
    const std::stop_token stop_;
};

double server_time(Connection& connection) {
    return std::strtod(connection.run("SELECT UNIX_TIMESTAMP(NOW(6))").at(0).at(0).value_or("").c_str(), nullptr);
}

/// @throws errors::ExternalDatasourceError for a replica: the transactions of its primary are not in its lists
std::vector<Running> running_statements(Connection& connection) {
    enum Column : std::size_t { id, user, host, database, command, time, state, info };
    const double now = server_time(connection);
    const std::string own = connection.run("SELECT CONNECTION_ID()").at(0).at(0).value_or("");
    std::vector<Running> found;
    for (const TextRow& row : connection.run("SHOW PROCESSLIST")) {
        const std::string doing = row.at(command).value_or("");
        if (row.at(user) == "system user" && doing != "Daemon") {
            throw errors::ExternalDatasourceError(
                "this server replays the transactions of another one, and does not see when they began: which rows may "
                "still be committed is not known",
                {}, "Give a --lag longer than any transaction that writes and the delay of the replication together.");
        }
        // Events of the scheduler are connections all the time; those that are being made have no statement yet.
        const bool at_work = doing == "Connect" || doing == "Daemon"
                                 ? row.at(info).has_value()
                                 : doing != "Sleep" && !doing.starts_with("Binlog Dump");
        if (row.at(id) == own || !at_work) {
            continue;
        }
        Running& running = found.emplace_back();
        running.id = row.at(id).value_or("");
        const double seconds = std::strtod(row.at(time).value_or("-1").c_str(), nullptr);
        if (doing != "Connect" && doing != "Daemon" && seconds >= 0) {
            // Both servers count whole seconds.
            running.started_after = now - seconds - 1;
        }
    }
    return found;
}

struct Transaction {
    std::string id;
    std::string session;
    bool changed_rows = false;
    bool only_reads = false;  ///< and can do nothing else
};

std::vector<Transaction> look_at_transactions(Connection& connection, const std::string& mark, bool& fresh) {
    std::vector<Transaction> found;
    for (const TextRow& row : connection.run(fmt::format(
             "SELECT trx_id, trx_mysql_thread_id, trx_rows_modified <> 0, trx_is_read_only OR "
             "trx_autocommit_non_locking, trx_mysql_thread_id = CONNECTION_ID() AND trx_query LIKE '%{}%' FROM "
             "information_schema.INNODB_TRX",
             mark))) {
        fresh = fresh || row.at(4) == "1";
        found.push_back({row.at(0).value_or(""), row.at(1).value_or(""), row.at(2) == "1", row.at(3) == "1"});
    }
    return found;
}

std::vector<Transaction> open_transactions(Connection& connection, Wait& wait) {
    try {
        // The list is a copy that may be old. It has this very query in it when it is not.
        for (unsigned number = 0;; ++number) {
            bool fresh = false;
            auto found = look_at_transactions(connection, fmt::format("tb-cdk look {}.", number), fresh);
            if (fresh) {
                return found;
            }
            wait.step("the server's list of transactions has been out of date");
        }
    } catch (const errors::ExternalDatasourceError& error) {
        if (error.retryable()) {
            throw;
        }
        throw errors::ExternalDatasourceError(
            fmt::format("this user does not see who is writing, so which rows may still be committed is not known ({})",
                        error.what()),
            error.sqlstate(), fmt::format("GRANT PROCESS ON *.* TO the user. {}", lag_hint));
    }
}

std::string session_text(const std::string& id) {
    return id == "0" ? "a prepared transaction has been open"
                     : fmt::format("session {} of the server has been writing, or may have been,", id);
}

/// Waits until the statements that run now are over: one may run for long before it begins a transaction.
void wait_for_statements(Connection& connection, Wait& wait) {
    const double begin = server_time(connection);
    std::set<std::string> at_work;
    for (const Running& running : running_statements(connection)) {
        at_work.insert(running.id);
    }
    while (!at_work.empty()) {
        for (const Transaction& transaction : open_transactions(connection, wait)) {
            if (transaction.only_reads) {
                at_work.erase(transaction.session);
            }
        }
        if (at_work.empty()) {
            return;
        }
        wait.step(session_text(*at_work.begin()));
        std::set<std::string> left;
        for (const Running& running : running_statements(connection)) {
            const bool another = running.started_after && *running.started_after > begin;
            if (at_work.contains(running.id) && !another) {
                left.insert(running.id);
            }
        }
        at_work = std::move(left);
    }
}

/// Waits until the transactions that have changed something by now have ended.
void wait_for_transactions(Connection& connection, Wait& wait) {
    std::map<std::string, std::string> left;
    for (const Transaction& transaction : open_transactions(connection, wait)) {
        if (transaction.changed_rows) {
            left.emplace(transaction.id, transaction.session);
        }
    }
    while (!left.empty()) {
        wait.step(session_text(left.begin()->second));
        std::set<std::string> open;
        for (const Transaction& transaction : open_transactions(connection, wait)) {
            open.insert(transaction.id);
        }
        std::erase_if(left, [&](const auto& transaction) { return !open.contains(transaction.first); });
    }
}

}  // namespace

void wait_for_writers(Connection& connection, std::string_view column, std::chrono::milliseconds patience,
                      const std::stop_token& stop) {
    Wait wait(column, patience, stop);
    wait_for_statements(connection, wait);
    wait_for_transactions(connection, wait);
}

}  // namespace tinybird_cdk::mysql
