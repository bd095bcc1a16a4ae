// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

/// What bytes begin with, and what that says of the rest.
namespace tinybird_cdk::transfer {

/// Of gzip (RFC 1952 §2.3.1). No text and no Parquet begins so.
constexpr std::string_view gzip_magic = "\x1f\x8b";
/// Of UTF-8 (RFC 3629 §6). It is no part of the text.
constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";

}  // namespace tinybird_cdk::transfer
