// SPDX-License-Identifier: Apache-2.0
#include "cloud/s3/multipart.hpp"

#include <exception>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/s3/leftovers.hpp"
#include "core/ids.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

std::string quoted(const std::string& etag) {
    return fmt::format("\"{}\"", etag);
}

/// Metadata of the object by which its upload is known again, when the answer to its completion got lost.
constexpr std::string_view mark_header = "x-amz-meta-tinybird-cdk-upload";

/// All parts of an upload are of one object, so one header names its type. Without it libcurl says that it is a form.
Pairs content_type() {
    return {{"Content-Type", "application/octet-stream"}};
}

}  // namespace

Multipart::Multipart(Caller& caller, std::string bucket, std::string key, std::stop_token stop)
    : caller_(caller),
      bucket_(std::move(bucket)),
      key_(std::move(key)),
      stop_(std::move(stop)),
      mark_(core::random_hex(24)) {
    const auto begun = caller_.now();
    Call call{.method = "POST",
              .bucket = bucket_,
              .key = key_,
              .query = {{"uploads", ""}},
              .headers = content_type(),
              .fresh_connection = true};
    call.headers.emplace_back(mark_header, mark_);
    if (stop_.stop_requested()) {
        throw errors::InterruptedError();
    }
    int tries = 0;
    bool answered = false;
    try {
        // Not to be stopped on its way: the store might begin an upload after it was looked for.
        const http::Response answer = caller_.done(call, {}, &tries);
        answered = true;
        upload_ = parse_text(answer.body, "InitiateMultipartUploadResult", "UploadId");
    } catch (const errors::Error& error) {
        // One refusal, and nothing else: nothing was begun.
        if (tries == 0 || (tries == 1 && !answered && !error.retryable())) {
            throw;
        }
        if (const std::string left = abort_unheard(caller_, bucket_, key_, {}, begun); !left.empty()) {
            rethrow_with(left);
        }
        throw;
    }
    if (tries > 1) {
        if (const std::string left = abort_unheard(caller_, bucket_, key_, upload_, begun); !left.empty()) {
            logger::warning("s3: " + left);
        }
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
}

bool Multipart::was_completed(const std::stop_token& stop) {
    const http::Response answer = caller_.send({.method = "HEAD", .bucket = bucket_, .key = key_}, stop);
    constexpr int done = 200;
    return answer.status == done && answer.header(mark_header) == mark_;
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

std::string Multipart::abort() {
    return abort_upload(caller_, bucket_, key_, upload_);
}

void rethrow_with(const std::string& left) {
    try {
        throw;
    } catch (const errors::InterruptedError& error) {
        throw errors::InterruptedError(fmt::format("{}. {}", error.what(), left));
    } catch (const errors::Error& error) {
        const auto* const refusal = dynamic_cast<const errors::ExternalDatasourceError*>(&error);
        throw errors::ExternalDatasourceError(fmt::format("{}. {}", error.what(), left),
                                              refusal == nullptr ? std::string() : refusal->sqlstate(), error.hint(),
                                              error.exit_code());
    } catch (const std::exception& error) {
        throw errors::ExternalDatasourceError(fmt::format("{}. {}", error.what(), left));
    }
}

}  // namespace tinybird_cdk::cloud::s3
