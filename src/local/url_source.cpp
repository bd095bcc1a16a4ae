// SPDX-License-Identifier: Apache-2.0
#include "local/url_source.hpp"

#include <algorithm>
#include <exception>

#include <fmt/format.h>
#include <httplib.h>

#include <tinybird_cdk/logger.hpp>

#include "local/answers.hpp"
#include "local/gunzip.hpp"

namespace tinybird_cdk::local {

namespace {

constexpr time_t connect_seconds = 10;
constexpr time_t silence_seconds = 300;

struct Parts {
    std::string origin;
    std::string path;
};

Parts parts_of(const std::string& url) {
    const std::size_t scheme = url.find("://");
    if (!url.starts_with("http://") && !url.starts_with("https://")) {
        throw Refusal(400, "url must begin with http:// or https://");
    }
    const std::size_t end = std::min(url.find_first_of("/?", scheme + 3), url.size());
    std::string path = url.substr(end, url.find('#', end) - end);
    if (!path.starts_with('/')) {
        path.insert(path.begin(), '/');
    }
    return {url.substr(0, end), std::move(path)};
}

}  // namespace

void stream_url(const std::string& url, const std::function<void(std::string_view)>& sink) {
    const Parts parts = parts_of(url);
    const std::string shown = logger::mask(parts.origin + parts.path.substr(0, parts.path.find('?')));
    httplib::Client client(parts.origin);
    client.set_follow_location(true);
    client.set_connection_timeout(connect_seconds);
    client.set_read_timeout(silence_seconds);
    FileBytes bytes(shown, sink);
    int status = 0;
    std::exception_ptr failure;
    const auto result = client.Get(
        parts.path,
        [&](const httplib::Response& response) {
            status = response.status;
            return status == 200;
        },
        [&](const char* data, std::size_t size) {
            try {
                bytes.write({data, size});
                return true;
            } catch (...) {
                failure = std::current_exception();
                return false;
            }
        });
    if (failure) {
        std::rethrow_exception(failure);
    }
    if (status != 0 && status != 200) {
        throw Refusal(400, fmt::format("{} answered {}", shown, status));
    }
    if (!result) {
        throw Refusal(400, fmt::format("{} can't be fetched: {}", shown, httplib::to_string(result.error())));
    }
    bytes.finish();
}

}  // namespace tinybird_cdk::local
