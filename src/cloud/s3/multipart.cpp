// SPDX-License-Identifier: Apache-2.0
#include "cloud/s3/multipart.hpp"

#include <charconv>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/s3/times.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

constexpr int not_found = 404;

std::string quoted(const std::string& etag) {
    return fmt::format("\"{}\"", etag);
}

/// All parts of an upload are of one object, so one header names its type. Without it libcurl says that it is a form.
Pairs content_type() {
    return {{"Content-Type", "application/octet-stream"}};
}

/// A retry of a creation whose answer got lost leaves the first upload behind, and nobody knows its id. It is found by
/// its key and its age; another program's upload would have to begin at the same object within these seconds.
void abort_lost(Caller& caller, const std::string& bucket, const std::string& key, const std::string& known,
                std::chrono::system_clock::time_point begun) {
    try {
        const std::string xml =
            caller.done({.bucket = bucket, .query = {{"uploads", ""}, {"prefix", key}, {"encoding-type", "url"}}}, {})
                .body;
        for (const Unfinished& upload : parse_unfinished(xml)) {
            if (upload.key == key && upload.upload != known && upload.begun + std::chrono::seconds(1) >= begun) {
                caller.send({.method = "DELETE", .bucket = bucket, .key = key, .query = {{"uploadId", upload.upload}}},
                            {});
            }
        }
    } catch (const std::exception& error) {
        logger::warning(
            fmt::format("s3: an unfinished upload of {} may be left, for the answer that named it got lost: {}",
                        uri_of(bucket, key), error.what()));
    }
}

}  // namespace

Multipart::Multipart(Caller& caller, std::string bucket, std::string key, std::stop_token stop)
    : caller_(caller),
      bucket_(std::move(bucket)),
      key_(std::move(key)),
      stop_(std::move(stop)),
      begun_(std::chrono::floor<std::chrono::seconds>(caller.now())) {
    const Call call{
        .method = "POST", .bucket = bucket_, .key = key_, .query = {{"uploads", ""}}, .headers = content_type()};
    if (stop_.stop_requested()) {
        throw errors::InterruptedError();
    }
    int tries = 0;
    try {
        // Not to be stopped on its way: the store might begin an upload after it was looked for.
        upload_ = parse_text(caller_.done(call, {}, &tries).body, "InitiateMultipartUploadResult", "UploadId");
    } catch (...) {
        if (tries > 0) {
            abort_lost(caller_, bucket_, key_, {}, begun_);
        }
        throw;
    }
    if (tries > 1) {
        abort_lost(caller_, bucket_, key_, upload_, begun_);
    }
}

Call Multipart::part_call() const {
    return {.method = "PUT",
            .bucket = bucket_,
            .key = key_,
            .query = {{"partNumber", std::to_string(etags_.size() + 1)}, {"uploadId", upload_}},
            .headers = {}};
}

void Multipart::add(std::string_view bytes) {
    Call call = part_call();
    call.headers = content_type();
    call.body = bytes;
    const http::Response answer = caller_.done(call, stop_);
    const auto etag = answer.header("etag");
    if (!etag) {
        throw errors::ExternalDatasourceError(
            fmt::format("s3: the store took a part of {} without an ETag in its answer", uri_of(bucket_, key_)));
    }
    etags_.push_back(plain_etag(*etag));
    bytes_ += bytes.size();
}

void Multipart::add(const CopySource& source) {
    Call call = part_call();
    call.headers = content_type();
    call.headers.emplace_back("x-amz-copy-source", fmt::format("/{}/{}", source.bucket, encode_key(source.key)));
    if (!source.etag.empty()) {
        call.headers.emplace_back("x-amz-copy-source-if-match", quoted(source.etag));
    }
    if (!source.whole) {
        call.headers.emplace_back("x-amz-copy-source-range",
                                  fmt::format("bytes={}-{}", source.from, source.from + source.length - 1));
    }
    const http::Response answer = caller_.done_late(call, stop_);
    etags_.push_back(plain_etag(parse_text(answer.body, "CopyPartResult", "ETag")));
    bytes_ += source.length;
}

bool Multipart::was_completed(const std::stop_token& stop) {
    const http::Response answer = caller_.send({.method = "HEAD", .bucket = bucket_, .key = key_}, stop);
    const std::string_view length = answer.header("content-length").value_or("");
    std::uint64_t size = 0;
    std::from_chars(length.data(), length.data() + length.size(), size);
    constexpr int done = 200;
    // The ETag of an object made of parts ends in their number. An older object of the same form is told by its age.
    const auto modified = parse_http_time(answer.header("last-modified").value_or(""));
    return answer.status == done && size == bytes_ && modified && *modified + std::chrono::seconds(1) >= begun_ &&
           plain_etag(answer.header("etag").value_or("")).ends_with(fmt::format("-{}", etags_.size()));
}

void Multipart::complete() {
    if (stop_.stop_requested()) {
        throw errors::InterruptedError();
    }
    // From here on it is all or nothing, and a stop in between would leave open which.
    const std::stop_token until_known;
    const std::string document = complete_document(etags_);
    try {
        const http::Response answer = caller_.done_late({.method = "POST",
                                                         .bucket = bucket_,
                                                         .key = key_,
                                                         .query = {{"uploadId", upload_}},
                                                         .headers = {{"Content-Type", "application/xml"}},
                                                         .body = document},
                                                        until_known);
        parse_text(answer.body, "CompleteMultipartUploadResult", "ETag");
    } catch (const errors::ExternalDatasourceError&) {
        // An answer may get lost behind the work that it tells of, and libcurl repeats a request by itself when a kept
        // connection ends. The next try then finds no upload any more, or no parts, as each store has it.
        if (!was_completed(until_known)) {
            throw;
        }
    }
}

std::string Multipart::abort() noexcept {
    std::string why;
    try {
        // Also when the call was stopped: what is left costs money.
        const Call call{.method = "DELETE", .bucket = bucket_, .key = key_, .query = {{"uploadId", upload_}}};
        const http::Response answer = caller_.send(call, {});
        if ((answer.status >= 200 && answer.status < 300) || answer.status == not_found) {
            return {};
        }
        why = caller_.error_of(call, answer).what();
    } catch (const std::exception& error) {
        why = error.what();
    }
    return fmt::format("The unfinished upload {} of {} is left, for it could not be aborted: {}", upload_,
                       uri_of(bucket_, key_), why);
}

void rethrow_with(const std::string& left) {
    try {
        throw;
    } catch (const errors::InterruptedError& error) {
        throw errors::InterruptedError(fmt::format("{}. {}", error.what(), left));
    } catch (const errors::Error& error) {
        throw errors::ExternalDatasourceError(fmt::format("{}. {}", error.what(), left), {}, error.hint(),
                                              error.exit_code());
    } catch (const std::exception& error) {
        throw errors::ExternalDatasourceError(fmt::format("{}. {}", error.what(), left));
    }
}

}  // namespace tinybird_cdk::cloud::s3
