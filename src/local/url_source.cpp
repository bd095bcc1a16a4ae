// SPDX-License-Identifier: Apache-2.0
#include "local/url_source.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <httplib.h>
#include <zlib.h>

#include <tinybird_cdk/logger.hpp>

#include "local/answers.hpp"

namespace tinybird_cdk::local {

namespace {

constexpr time_t connect_seconds = 10;
constexpr time_t silence_seconds = 300;

/// Unpacks gzip, also several members one after the other (RFC 1952 §2.2).
class Gunzip {
public:
    Gunzip() {
        constexpr int window_bits = 15 + 16;
        if (inflateInit2(&state_, window_bits) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    Gunzip(const Gunzip&) = delete;
    Gunzip& operator=(const Gunzip&) = delete;
    ~Gunzip() { inflateEnd(&state_); }

    void write(std::string_view packed, const std::function<void(std::string_view)>& sink) {
        std::array<char, 64 * 1024> block;
        state_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
        state_.avail_in = static_cast<uInt>(packed.size());
        do {
            if (ended_) {
                inflateReset(&state_);
                ended_ = false;
            }
            state_.next_out = reinterpret_cast<Bytef*>(block.data());
            state_.avail_out = static_cast<uInt>(block.size());
            const int result = inflate(&state_, Z_NO_FLUSH);
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
                throw Refusal(400, "the file is no gzip, or it is damaged");
            }
            ended_ = result == Z_STREAM_END;
            sink({block.data(), block.size() - state_.avail_out});
        } while (state_.avail_in > 0 || state_.avail_out == 0);
    }
    [[nodiscard]] bool ended() const noexcept { return ended_; }

private:
    z_stream state_{};
    bool ended_ = false;
};

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
    std::optional<Gunzip> gunzip;
    if (parts.path.substr(0, parts.path.find('?')).ends_with(".gz")) {
        gunzip.emplace();
    }
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
                if (gunzip) {
                    gunzip->write({data, size}, sink);
                } else {
                    sink({data, size});
                }
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
    if (gunzip && !gunzip->ended()) {
        throw Refusal(400, fmt::format("{} ends in the middle of its gzip", shown));
    }
}

}  // namespace tinybird_cdk::local
