// SPDX-License-Identifier: Apache-2.0
#include "adbc/error.hpp"

#include <algorithm>

#include <arrow-adbc/adbc_driver_manager.h>
#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::adbc {

namespace {

/// The class of SQLSTATE for who is not let in, whatever a driver calls that.
constexpr const char* not_let_in = "28";

bool is_temporary(AdbcStatusCode status) noexcept {
    return status == ADBC_STATUS_IO || status == ADBC_STATUS_TIMEOUT;
}

}  // namespace

CallError::~CallError() {
    if (error_.release != nullptr) {
        error_.release(&error_);
    }
}

std::string CallError::message(AdbcStatusCode status) const {
    std::string text = error_.message == nullptr ? "" : error_.message;
    text.erase(std::find_if_not(text.rbegin(), text.rend(), [](char c) { return c == '\n' || c == ' '; }).base(),
               text.end());
    return text.empty() ? AdbcStatusCodeMessage(status) : text;
}

void CallError::check(AdbcStatusCode status, std::string_view source, std::string_view doing) const {
    if (status == ADBC_STATUS_OK) {
        return;
    }
    // Drivers quote options in their messages, secret ones too.
    const std::string text = logger::mask(fmt::format("{} failed while {}: {}", source, doing, message(status)));
    if (status == ADBC_STATUS_CANCELLED) {
        throw errors::InterruptedError(text);
    }
    const bool has_state = error_.sqlstate[0] != '\0';
    const std::string state = has_state ? std::string(error_.sqlstate, sizeof error_.sqlstate) : std::string();
    throw errors::ExternalDatasourceError(text, state, {},
                                          is_temporary(status) && !state.starts_with(not_let_in)
                                              ? errors::ExitCode::temporary
                                              : errors::ExitCode::bad_input);
}

}  // namespace tinybird_cdk::adbc
