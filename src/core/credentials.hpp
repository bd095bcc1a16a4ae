// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace tinybird_cdk::core {

/// A part of a text, in bytes.
struct TextRange {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Where a text holds what looks like a credential, by what surrounds it: the password of a URL, the value of a
/// parameter, field or option whose name says that it is a secret, a header that authorises, a Tinybird token. The
/// ranges come in no order and may overlap. Where it is open how far a credential goes, the range rather goes too
/// far. Linear in the length of the text.
std::vector<TextRange> find_credentials(std::string_view text);

}  // namespace tinybird_cdk::core
