// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <arrow-adbc/adbc.h>

namespace tinybird_cdk::adbc {

/// What a call said of its failure. Released with the object.
class CallError {
public:
    CallError() = default;
    CallError(const CallError&) = delete;
    CallError& operator=(const CallError&) = delete;
    ~CallError();

    [[nodiscard]] AdbcError* get() noexcept { return &error_; }
    /// The driver's own words; those of the status where it said nothing.
    [[nodiscard]] std::string message(AdbcStatusCode status) const;
    /// Throws what a status means, unless it is OK. @param source, @param doing for the message
    void check(AdbcStatusCode status, std::string_view source, std::string_view doing) const;

private:
    AdbcError error_ = ADBC_ERROR_INIT;
};

}  // namespace tinybird_cdk::adbc
