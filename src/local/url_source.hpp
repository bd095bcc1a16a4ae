// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tinybird_cdk::local {

/// Fetches an http(s) URL and hands on what it gives, piece by piece; unpacked when its path ends in .gz.
/// @throws Refusal 400 when it can't be fetched whole, and what the sink throws
void stream_url(const std::string& url, const std::function<void(std::string_view)>& sink);

}  // namespace tinybird_cdk::local
