// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/connector.hpp>

#include "framework/guard.hpp"

namespace tinybird_cdk {

void StreamingConnector::stream(const std::string& stream_name, const std::string& data_source,
                                const std::stop_token& stop) {
    framework::guard([&] { stream_(stream_name, data_source, stop); });
}

}  // namespace tinybird_cdk
