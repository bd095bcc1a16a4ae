// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cloud/gcs/token.hpp"
#include "cloud/transport.hpp"

namespace tinybird_cdk::cloud::gcs {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Posts a text, again where that may help. @return the last answer, whatever its status is
http::Response post(Transport& transport, const std::string& url, std::string_view content_type,
                    const std::string& text, const Pairs& headers, const std::stop_token& stop);
/// application/x-www-form-urlencoded
std::string form_of(const Pairs& fields);

/// Takes the token from a token endpoint's answer (RFC 6749 §5). @param who for the message
/// @throws errors::ExternalDatasourceError with what the server said
Token token_of(const http::Response& answer, std::string_view who, std::string_view url, Clock& clock);

/// "400 invalid_grant: Invalid JWT Signature.", of the errors of OAuth and of Google's APIs.
std::string refusal_of(const http::Response& answer);
/// Whether what it says may pass by itself.
bool is_temporary(const http::Response& answer) noexcept;
[[noreturn]] void refuse_token(const http::Response& answer, std::string_view who, std::string_view url);

}  // namespace tinybird_cdk::cloud::gcs
