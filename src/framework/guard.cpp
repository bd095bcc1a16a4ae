// SPDX-License-Identifier: Apache-2.0
#include "framework/guard.hpp"

#include <exception>
#include <string>

#include <fmt/format.h>

#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::framework {

namespace {

/// The last exception of this thread that was logged. Holding it keeps its address from being used again.
thread_local std::exception_ptr last_logged;

std::string text_of_current_exception() {
    try {
        throw;
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

}  // namespace

bool first_log_of_current_exception() {
    if (last_logged == std::current_exception()) {
        return false;
    }
    last_logged = std::current_exception();
    return true;
}

void wrap_foreign() {
    const std::string text = logger::mask(text_of_current_exception());
    if (first_log_of_current_exception()) {
        logger::error(text);
    }
    // Made while the original is being handled, so it becomes the nested exception.
    const errors::Error wrapped(text);
    try {
        throw wrapped;
    } catch (...) {
        last_logged = std::current_exception();
        throw;
    }
}

}  // namespace tinybird_cdk::framework
