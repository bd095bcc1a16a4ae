// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tinybird_cdk::http {

/// The host of a URL, as it is written there, brackets of IPv6 left out; empty for what is no URL.
std::string host_of(const std::string& url);

/// Whether a host can be reached from within its own network only: a name without a dot or below a domain that is kept
/// for such use (RFC 6761, RFC 6762, ICANN's .internal), or one whose addresses are all private (RFC 1918, RFC 4193),
/// of this machine or of this link. A name that can't be resolved is not known to be private.
bool is_private(const std::string& host);

}  // namespace tinybird_cdk::http
