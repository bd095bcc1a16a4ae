// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/resumable_upload.hpp"

#include <charconv>
#include <exception>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/gcs/objects.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

constexpr int incomplete = 308;
constexpr std::string_view unknown = "*";

bool is_success(const http::Response& answer) {
    return answer.status >= 200 && answer.status < 300;
}

}  // namespace

ResumableUpload::ResumableUpload(Api& api, std::string_view bucket, std::string_view key, std::stop_token stop)
    : api_(api),
      bucket_(bucket),
      what_(fmt::format("{} can't be written", uri_of(bucket, key))),
      stop_(std::move(stop)) {
    const std::string metadata = nlohmann::json{{"contentType", "application/octet-stream"}}.dump();
    const Call call{.method = "POST",
                    .url = api.upload_url(bucket, {{"uploadType", "resumable"}, {"name", std::string(key)}}, stop_),
                    .headers = {{"Content-Type", "application/json"}},
                    .body = metadata,
                    .has_body = true};
    const http::Response answer = api.send(call, stop_);
    if (!is_success(answer)) {
        api.refuse(answer, what_);
    }
    url_ = answer.header("location").value_or("");
    if (url_.empty()) {
        throw errors::ExternalDatasourceError(fmt::format("{}: the store does not say where to send it", what_));
    }
}

ResumableUpload::~ResumableUpload() {
    if (!finished_ && !url_.empty()) {
        cancel();
    }
}

http::Request ResumableUpload::request_of(std::string_view range) const {
    http::Request request;
    request.method = "PUT";
    request.url = url_;  // no token is needed with it, and none goes where an answer says
    request.headers = {{"Content-Range", fmt::format("bytes {}", range)}};
    return request;
}

void ResumableUpload::take_position(const http::Response& answer) {
    // "bytes=0-42"; without the header the store has nothing yet.
    std::uint64_t position = 0;
    if (const auto range = answer.header("range")) {
        const std::size_t dash = range->rfind('-');
        const std::string_view last = dash == std::string_view::npos ? std::string_view() : range->substr(dash + 1);
        const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), position);
        if (error != std::errc() || end != last.data() + last.size()) {
            throw errors::ExternalDatasourceError(fmt::format("{}: the store has \"{}\" of it", what_, *range));
        }
        ++position;
    }
    position_ = position;
}

void ResumableUpload::ask_position() {
    const auto body = body_of("");
    const auto make = [&] {
        http::Request request = request_of("*/*");
        request.body = body.get();
        return request;
    };
    const http::Response answer = api_.transport().send(make, "GCS", stop_);
    if (answer.status == incomplete) {
        take_position(answer);
    } else if (is_success(answer)) {
        finished_ = true;  // the part came to its end, and only the answer was lost
    }
    // Else the upload is gone. The next request is told so, and why.
}

http::Response ResumableUpload::send_from(std::string_view bytes, bool last) {
    // libcurl too may send a part again when a kept connection breaks: "Cloud Storage ignores any bytes you send at an
    // offset that Cloud Storage has already persisted" (performing-resumable-uploads#resume-upload).
    const std::uint64_t end = begin_ + bytes.size();
    const std::string total = last ? fmt::format("{}", end) : std::string(unknown);
    std::unique_ptr<Body> body;
    bool again = false;
    const auto make = [&] {
        if (std::exchange(again, true)) {
            ask_position();
        }
        if (position_ < begin_ || position_ > end) {
            throw errors::ExternalDatasourceError(fmt::format(
                "{}: the store has {} bytes of it, where it was sent {} to {}", what_, position_, begin_, end));
        }
        const std::string_view rest = finished_ ? std::string_view() : bytes.substr(position_ - begin_);
        http::Request request =
            request_of(rest.empty() ? fmt::format("*/{}", total) : fmt::format("{}-{}/{}", position_, end - 1, total));
        body = body_of(rest);
        request.body = body.get();
        return request;
    };
    // An upload without its end is cancelled, but the end makes the object.
    return api_.transport().send(make, "GCS", stop_, last ? Transport::Stop::between_tries : Transport::Stop::anywhere);
}

std::optional<Resource> ResumableUpload::send(std::string_view bytes, bool last) {
    const std::uint64_t end = begin_ + bytes.size();
    for (;;) {
        const std::uint64_t before = position_;
        const http::Response answer = send_from(bytes, last);
        if (is_success(answer)) {
            finished_ = true;
            Resource object = api_.described_object(answer, what_);
            if (!last || object.object.size != end) {
                remove_object(api_, bucket_, object.object.key, object.object.etag, {});
                throw errors::ExternalDatasourceError(
                    fmt::format("{}: the store ended it at byte {}", what_, object.object.size), {}, "Run it again.",
                    errors::ExitCode::temporary);
            }
            return object;
        }
        if (answer.status != incomplete) {
            api_.refuse(answer, what_);
        }
        take_position(answer);
        if (position_ == end && !last) {
            begin_ = end;
            return std::nullopt;
        }
        // The store may take less than it was sent, but not nothing.
        if (position_ <= before) {
            throw errors::ExternalDatasourceError(
                fmt::format("{}: the store takes no byte beyond {}", what_, position_), {}, "Run it again.",
                errors::ExitCode::temporary);
        }
    }
}

void ResumableUpload::cancel() noexcept {
    try {
        const auto make = [this] {
            http::Request request;
            request.method = "DELETE";
            request.url = url_;
            return request;
        };
        // Not by the caller's stop token: that it asked may be why this is done. The answer is 499; without one the
        // store forgets the upload within a week, and there is no object in any case.
        static_cast<void>(api_.transport().send(make, "GCS", {}));
    } catch (const std::exception& error) {
        try {
            logger::warning(fmt::format("{}: the upload could not be cancelled: {}", what_, error.what()));
        } catch (...) {  // NOLINT(bugprone-empty-catch): nobody is left to tell
        }
    }
}

}  // namespace tinybird_cdk::cloud::gcs
