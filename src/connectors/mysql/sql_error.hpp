// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tinybird_cdk::mysql {

/// What the server or libmariadb said went wrong.
struct SqlError {
    unsigned int number = 0;
    std::string sqlstate;
    std::string message;

    /// libmariadb's own, not the server's (errmsg.h).
    [[nodiscard]] bool is_of_client() const noexcept {
        return number == 0 || (number >= 2000 && number <= 2999) || (number >= 5000 && number <= 5099);
    }
};

enum class Doing { connecting, querying };

/// Whether the same call may succeed later without a change.
bool is_temporary(unsigned int number) noexcept;

/// @throws errors::ExternalDatasourceError
[[noreturn]] void throw_error(const SqlError& error, Doing doing);

}  // namespace tinybird_cdk::mysql
