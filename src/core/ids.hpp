// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace tinybird_cdk::core {

/// Hexadecimal digits that can't be guessed, from getrandom(2).
std::string random_hex(std::size_t digits);

}  // namespace tinybird_cdk::core
