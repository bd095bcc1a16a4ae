// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "http/curl_handles.hpp"
#include "http/request.hpp"

/// What all transfers have in common.
namespace tinybird_cdk::http {

/// Where libcurl writes why a transfer failed.
using ErrorText = std::array<char, CURL_ERROR_SIZE>;

/// libcurl must be initialised once, before any other thread uses it. @throws errors::Error when it can't be
void initialise_once();

/// Adds the request's headers. @throws errors::InvalidArgument for one with a line break in it
void append_headers(HeaderList& list, const Request& request);

/// Where to, how to connect, how long to wait, what to trust. All that is passed must outlive the transfer.
void set_common_options(CURL* easy, const Request& request, const HeaderList& headers, ErrorText& error_text,
                        const Settings& settings);

/// Takes a line of an answer's head: names in lower case; a new head replaces the one before.
/// @param head_ended whether its blank line came
void read_head_line(std::string_view line, Response& response, bool& head_ended);

}  // namespace tinybird_cdk::http
