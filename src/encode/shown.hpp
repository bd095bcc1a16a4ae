// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tinybird_cdk::encode {

/// A value as a message quotes it: on one line, valid UTF-8, cut to 60 characters.
std::string shown(std::string_view value);

}  // namespace tinybird_cdk::encode
