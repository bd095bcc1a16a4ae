// SPDX-License-Identifier: Apache-2.0
#include "http/easy_options.hpp"

#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"

namespace tinybird_cdk::http {

namespace {

constexpr long longest_idle_seconds = 30;

/// The hosts to reach directly: those of the user's variable, this machine, and where clouds tell a machine who it is:
/// no proxy stands on that way.
const std::string& no_proxy() {
    static const std::string hosts = [] {
        const char* set = std::getenv("no_proxy");
        set = set != nullptr ? set : std::getenv("NO_PROXY");
        const std::string users = set != nullptr ? set : "";
        return users == "*"
                   ? users
                   : users + (users.empty() ? "" : ",") +
                         "localhost,127.0.0.1,::1,169.254.169.254,169.254.170.2,fd00:ec2::254,metadata.google.internal";
    }();
    return hosts;
}

}  // namespace

void initialise_once() {
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK) {
        throw errors::Error(fmt::format("libcurl can't be initialised: {}", curl_easy_strerror(result)));
    }
}

void append_headers(HeaderList& list, const Request& request) {
    for (const auto& [name, value] : request.headers) {
        if (name.find_first_of("\r\n:") != std::string::npos || value.find_first_of("\r\n") != std::string::npos) {
            throw errors::InvalidArgument(fmt::format("the request header {} has a line break in it", name));
        }
        // "Name;" is how libcurl is told to send a header without a value.
        list.append((value.empty() ? name + ";" : name + ": " + value).c_str());
    }
}

void set_common_options(CURL* easy, const Request& request, const HeaderList& headers, ErrorText& error_text,
                        const Settings& settings) {
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    // The path is part of what a signature covers, and "a/../b" is a fine name of an object.
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text.data());
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    // A server or proxy that closes a kept connection just when it is used leaves an append in doubt.
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, longest_idle_seconds);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect.count()));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>((settings.idle.count() + 999) / 1000));
    // As no_proxy would have it, had the user thought of a local Tinybird when he set a proxy.
    curl_easy_setopt(easy, CURLOPT_NOPROXY, no_proxy().c_str());
    if (!settings.ca_file.empty()) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, settings.ca_file.c_str());
    }
}

void read_head_line(std::string_view line, Response& response, bool& head_ended) {
    line = core::trim(line);
    const std::size_t colon = line.find(':');
    if (line.starts_with("HTTP/")) {
        // A new head: what came before belonged to a 100 Continue or a proxy's answer.
        response.headers.clear();
        head_ended = false;
    } else if (line.empty()) {
        head_ended = true;
    } else if (colon != std::string_view::npos) {
        response.headers.emplace_back(core::to_lower(core::trim(line.substr(0, colon))),
                                      core::trim(line.substr(colon + 1)));
    }
}

}  // namespace tinybird_cdk::http
