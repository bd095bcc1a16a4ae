// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/version.hpp>

namespace tinybird_cdk {

const char* version() noexcept {
    return TINYBIRD_CDK_VERSION;
}

}  // namespace tinybird_cdk
