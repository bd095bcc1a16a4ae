// SPDX-License-Identifier: Apache-2.0
#include "cloud/object_body.hpp"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::cloud {

namespace {

/// Breaks in a row without a byte in between; beyond it there is no hope.
constexpr int most_breaks = 5;

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

bool is_success(int status) {
    return status >= 200 && status < 300;
}

class ObjectBody final : public Body {
public:
    ObjectBody(Transport& transport, ObjectSource source, std::stop_token stop)
        : transport_(transport), source_(std::move(source)), stop_(std::move(stop)) {
        open();
    }

    std::size_t read(std::span<char> into) override {
        if (into.empty()) {
            return 0;
        }
        for (;;) {
            if (!download_ && (!size_ || position_ < *size_)) {
                open();
            }
            const std::size_t count = download_ ? download_->read(into) : 0;
            position_ += count;
            if (count > 0) {
                breaks_ = 0;
                return count;
            }
            if (!download_ || (download_->broken().empty() && (!size_ || position_ == *size_))) {
                return 0;
            }
            go_on();
        }
    }

    bool rewind() override {
        download_.reset();
        position_ = 0;
        breaks_ = 0;
        return true;
    }

    [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }

private:
    void ask() {
        download_ = transport_.open([this] { return source_.make(position_, version_); }, source_.service, stop_);
    }

    void open() {
        ask();
        if (source_.renew && !is_success(download_->head().status) && source_.renew(download_->head())) {
            ask();
        }
        const http::Response& head = download_->head();
        constexpr int precondition_failed = 412;
        if (head.status == precondition_failed) {
            throw errors::ExternalDatasourceError(fmt::format("{} was changed while it was read", source_.uri), {},
                                                  "Run it again.", errors::ExitCode::temporary);
        }
        if (!is_success(head.status)) {
            source_.refuse(head);
        }
        if (version_.empty()) {
            version_ = head.header(source_.version_header).value_or("");
        }
        constexpr int partial_content = 206;
        if (position_ > 0 && head.status != partial_content) {
            throw errors::ExternalDatasourceError(
                fmt::format("{}: the store does not go on in the middle of an object", source_.uri));
        }
        if (const auto length = head.header("content-length"); length && !size_) {
            if (const auto bytes = number(*length)) {
                size_ = position_ + *bytes;
            }
        }
    }

    void go_on() {
        const std::string why = download_->broken().empty() ? "the answer was too short" : download_->broken();
        download_.reset();
        if (++breaks_ > most_breaks || version_.empty()) {
            throw errors::ExternalDatasourceError(
                fmt::format("{}: reading broke off at byte {}: {}", source_.uri, position_, logger::mask(why)), {},
                "Run it again.", errors::ExitCode::temporary);
        }
        logger::info(fmt::format("{}: reading broke off at byte {}, and goes on there", source_.uri, position_));
    }

    Transport& transport_;
    const ObjectSource source_;
    const std::stop_token stop_;
    std::unique_ptr<http::Download> download_;
    std::string version_;
    std::optional<std::uint64_t> size_;
    std::uint64_t position_ = 0;
    int breaks_ = 0;
};

}  // namespace

std::unique_ptr<Body> object_body(Transport& transport, ObjectSource source, const std::stop_token& stop) {
    return std::make_unique<ObjectBody>(transport, std::move(source), stop);
}

}  // namespace tinybird_cdk::cloud
