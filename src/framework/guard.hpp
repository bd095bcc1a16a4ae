// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>
#include <utility>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::framework {

/// Logs the foreign exception being handled, once, and throws it on wrapped in errors::Error. Call in `catch (...)`.
[[noreturn]] void wrap_foreign();

/// Remembers that the exception being handled was logged; @return false when it already had been.
bool first_log_of_current_exception();

/// Runs the body of a public method: errors of the kit pass, whatever else is thrown is logged and wrapped.
template <class Body>
std::invoke_result_t<Body> guard(Body&& body) {
    try {
        return std::forward<Body>(body)();
    } catch (const errors::Error&) {
        throw;
    } catch (...) {
        wrap_foreign();
    }
}

}  // namespace tinybird_cdk::framework
