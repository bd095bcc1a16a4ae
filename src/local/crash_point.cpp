// SPDX-License-Identifier: Apache-2.0
#include "local/crash_point.hpp"

#include <csignal>
#include <cstdlib>

namespace tinybird_cdk::local {

void crash_point(std::string_view name) {
    static const char* const chosen = std::getenv("TB_CDK_LOCAL_CRASH_AT");  // NOLINT(concurrency-mt-unsafe)
    if (chosen != nullptr && name == chosen) {
        ::raise(SIGKILL);
    }
}

}  // namespace tinybird_cdk::local
