// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace tinybird_cdk::sqlite {

/// RFC 4648 §4, padded: what RowWriter::binary() writes, for the values of small results.
std::string base64(std::span<const std::byte> bytes);

}  // namespace tinybird_cdk::sqlite
