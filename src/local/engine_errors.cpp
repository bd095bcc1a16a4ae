// SPDX-License-Identifier: Apache-2.0
#include "local/engine_errors.hpp"

#include <string_view>

#include <fmt/format.h>

namespace tinybird_cdk::local {

namespace {

/// ClickHouse's numbers (src/Common/ErrorCodes.cpp).
enum Code : int {
    cannot_write_to_file = 75,
    timeout_exceeded = 159,
    memory_limit_exceeded = 241,
    not_enough_space = 243,
    too_many_parts = 252,
    too_many_rows_or_bytes = 396,
};

bool disk_is_full(const chdb::EngineError& error) noexcept {
    return error.code() == not_enough_space || error.code() == cannot_write_to_file ||
           std::string_view(error.what()).find("No space left on device") != std::string_view::npos;
}

/// A query that is too large alone stays so.
bool too_large_alone(const chdb::EngineError& error) noexcept {
    const std::string_view text = error.what();
    return text.find("Query memory limit") != std::string_view::npos ||
           text.find("(for query)") != std::string_view::npos;
}

}  // namespace

bool is_temporary(const chdb::EngineError& error) noexcept {
    return disk_is_full(error) || error.code() == too_many_parts ||
           (error.code() == memory_limit_exceeded && !too_large_alone(error));
}

Answer answer_of(const chdb::EngineError& error) {
    Answer answer;
    if (error.code() == timeout_exceeded) {
        answer = error_answer(408, fmt::format("the query was ended, for it took longer than 10 seconds: read less, or "
                                               "filter by the sorting key. {}",
                                               error.what()));
    } else if (error.code() == too_many_rows_or_bytes) {
        answer = error_answer(
            400, fmt::format("the result is larger than 100 MB: select less, or add a LIMIT. {}", error.what()));
    } else if (disk_is_full(error)) {
        answer = error_answer(
            503, fmt::format("the disk is full, nothing was stored: make room and try again. {}", error.what()));
    } else if (is_temporary(error)) {
        answer =
            error_answer(503, fmt::format("the server is busy, nothing was stored: try again later. {}", error.what()));
    } else {
        answer = error_answer(400, error.what());
    }
    answer.headers["X-DB-Exception-Code"] = std::to_string(error.code());
    return answer;
}

}  // namespace tinybird_cdk::local
