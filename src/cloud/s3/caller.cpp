// SPDX-License-Identifier: Apache-2.0
#include "cloud/s3/caller.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/logger.hpp>

#include "cloud/crypto.hpp"
#include "cloud/s3/times.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

bool is_good(int status) {
    return status >= 200 && status < 300;
}

/// Worth another try a little later, whatever status they come with
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
bool is_temporary(std::string_view code) {
    return code == "InternalError" || code == "SlowDown" || code == "ServiceUnavailable" || code == "RequestTimeout" ||
           code == "OperationAborted";
}

std::string hint_of(std::string_view code, int status) {
    struct Known {
        std::string_view code;
        std::string_view hint;
    };
    constexpr std::array<Known, 9> known{{
        {"SignatureDoesNotMatch", "Check the secret: AWS_SECRET_ACCESS_KEY, or the profile's aws_secret_access_key."},
        {"InvalidAccessKeyId",
         "Check AWS_ACCESS_KEY_ID or the profile, and that the endpoint is the one they are for."},
        {"ExpiredToken", "Get new temporary credentials."},
        {"InvalidToken", "Check AWS_SESSION_TOKEN: it goes with its own AWS_ACCESS_KEY_ID only."},
        {"RequestTimeTooSkewed", "Set this machine's clock."},
        {"AccessDenied",
         "The credentials are good, but may not do this. Without s3:ListBucket, S3 says so also of "
         "objects that don't exist."},
        {"NoSuchBucket", "Check the bucket's name, and the endpoint (AWS_ENDPOINT_URL_S3)."},
        {"PermanentRedirect", "Set AWS_REGION to the bucket's region."},
        {"AuthorizationHeaderMalformed", "Set AWS_REGION to the bucket's region."},
    }};
    for (const Known& entry : known) {
        if (entry.code == code) {
            return std::string(entry.hint);
        }
    }
    constexpr int forbidden = 403;
    return status == forbidden ? "Check the credentials, and what they may do." : "";
}

/// What a status means where an answer has no document, as those to HEAD.
std::string_view code_of(int status) {
    switch (status) {
        case 301:
            return "PermanentRedirect";
        case 403:
            return "Forbidden";
        case 404:
            return "NotFound";
        case 412:
            return "PreconditionFailed";
        default:
            return "error";
    }
}

}  // namespace

std::string uri_of(std::string_view bucket, std::string_view key) {
    return fmt::format("s3://{}/{}", bucket, key);
}

Caller::Caller(const Settings& settings, Provider& provider, Transport& transport, const RetryPolicy& policy)
    : settings_(settings), provider_(provider), transport_(transport), policy_(policy) {}

std::string Caller::region_of(const std::string& bucket) const {
    const std::lock_guard lock(mutex_);
    const auto found = regions_.find(bucket);
    return found == regions_.end() ? settings_.first_region() : found->second;
}

void Caller::remember_region(const std::string& bucket, std::string_view region) {
    const std::lock_guard lock(mutex_);
    regions_.insert_or_assign(bucket, std::string(region));
}

http::Request Caller::signed_request(const Call& call, std::string_view payload_hash, const Credentials& credentials) {
    const std::string region = region_of(call.bucket);
    const Address address = address_of(settings_, region, call.bucket, call.key);
    Signable signable{.method = call.method,
                      .host = address.host,
                      .path = address.path,
                      .query = call.query,
                      .headers = call.headers,
                      .payload_hash = std::string(payload_hash)};
    if (settings_.requester_pays) {
        signable.headers.emplace_back("x-amz-request-payer", "requester");
    }
    http::Request request;
    request.method = call.method;
    request.headers =
        signed_headers(signable, credentials, {.region = region, .service = "s3"}, transport_.clock().wall_now());
    const std::string query = encode_query(call.query);
    request.url = fmt::format("{}{}{}{}", address.origin, address.path, query.empty() ? "" : "?", query);
    return request;
}

http::Request Caller::make(const Call& call, const std::stop_token& stop) {
    return signed_request(call, empty_payload, provider_.get(stop));
}

bool Caller::learn(const Call& call, const http::Response& answer, const Credentials& used) {
    const auto refusal = parse_refusal(answer.body);
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html: all answers of AWS may name it.
    std::string region(answer.header("x-amz-bucket-region").value_or(""));
    if (region.empty() && refusal) {
        region = refusal->region;
    }
    if (!region.empty() && region != region_of(call.bucket) && !is_good(answer.status)) {
        remember_region(call.bucket, region);
        return true;
    }
    // An answer to HEAD has no document: 400 may mean that, too.
    constexpr int bad_request = 400;
    const bool expired =
        refusal ? refusal->code == "ExpiredToken" : call.method == "HEAD" && answer.status == bad_request;
    return expired && provider_.drop(used);
}

http::Response Caller::send(const Call& call, const std::stop_token& stop, int* tries) {
    Call with_digest = call;
    if (!call.body.empty()) {
        // Buckets with object lock want it of objects and parts, and so does DeleteObjects
        // (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html).
        with_digest.headers.emplace_back("Content-MD5", base64(md5(call.body)));
    }
    const std::string hash = call.body.empty() ? std::string(empty_payload) : hex(sha256(call.body));
    const std::unique_ptr<Body> body = body_of(call.body);
    const bool has_body = !call.body.empty() || call.method == "PUT" || call.method == "POST";
    Credentials used;
    constexpr int most_moves = 2;
    for (int moves = 0;; ++moves) {
        http::Response answer = transport_.send(
            [&] {
                used = provider_.get(stop);
                if (tries != nullptr) {
                    ++*tries;
                }
                http::Request request = signed_request(with_digest, hash, used);
                request.body = has_body ? body.get() : nullptr;
                request.fresh_connection = call.fresh_connection;
                return request;
            },
            "s3", stop);
        if (is_good(answer.status) || moves == most_moves || !learn(call, answer, used)) {
            return answer;
        }
        body->rewind();
    }
}

http::Response Caller::done(const Call& call, const std::stop_token& stop, int* tries) {
    http::Response answer = send(call, stop, tries);
    if (!is_good(answer.status)) {
        throw error_of(call, answer);
    }
    return answer;
}

http::Response Caller::done_late(const Call& call, const std::stop_token& stop, int* tries) {
    std::chrono::milliseconds delay = policy_.first_delay;
    for (int refusals = 0;; ++refusals) {
        http::Response answer = done(call, stop, tries);
        const auto refusal = parse_refusal(answer.body);
        if (!refusal) {
            return answer;
        }
        if (refusals >= policy_.server_error_attempts || !is_temporary(refusal->code)) {
            throw error_of(call, answer);
        }
        if (!transport_.clock().sleep(delay, stop)) {
            throw errors::InterruptedError();
        }
        delay = std::min(delay * 2, policy_.largest_delay);
    }
}

errors::ExternalDatasourceError Caller::error_of(const Call& call, const http::Response& answer) const {
    const Refusal refusal = parse_refusal(answer.body).value_or(Refusal());
    const std::string code(refusal.code.empty() ? code_of(answer.status) : refusal.code);
    constexpr int precondition_failed = 412;
    const bool temporary = answer.status >= 500 || answer.status == 429 || answer.status == 408 ||
                           answer.status == precondition_failed || is_temporary(code);
    std::string message =
        fmt::format("s3: {} {}: {} (status {})", call.method, uri_of(call.bucket, call.key), code, answer.status);
    if (!refusal.message.empty()) {
        message += ": " + refusal.message;
    }
    std::string hint = hint_of(code, answer.status);
    if (code == "RequestTimeTooSkewed") {
        hint += fmt::format(" It says {}, and the store's says {}.", basic_iso_time(now()),
                            answer.header("date").value_or("nothing"));
    }
    return errors::ExternalDatasourceError(logger::mask(message), code, std::move(hint),
                                           temporary ? errors::ExitCode::temporary : errors::ExitCode::bad_input);
}

void Caller::find_region(const std::string& bucket) {
    {
        const std::lock_guard lock(mutex_);
        if (!settings_.endpoint.empty() || regions_.contains(bucket)) {
            return;
        }
    }
    // Whatever the answer is, it names the region, unless there is no such bucket.
    const http::Response answer = send({.method = "HEAD", .bucket = bucket}, {});
    if (const auto region = answer.header("x-amz-bucket-region")) {
        remember_region(bucket, *region);
    }
}

std::string Caller::presigned(const Call& call, std::chrono::seconds expires) {
    find_region(call.bucket);
    const Credentials credentials = provider_.get({});
    const auto now = transport_.clock().wall_now();
    if (credentials.expires && *credentials.expires < now + expires) {
        logger::warning(fmt::format("s3: the URL of {} ends {} minutes from now, with the credentials that sign it",
                                    uri_of(call.bucket, call.key),
                                    std::chrono::floor<std::chrono::minutes>(*credentials.expires - now).count()));
    }
    const std::string region = region_of(call.bucket);
    const Address address = address_of(settings_, region, call.bucket, call.key);
    Signable signable{.method = call.method, .host = address.host, .path = address.path, .query = call.query};
    if (settings_.requester_pays) {
        signable.query.emplace_back("x-amz-request-payer", "requester");
    }
    return fmt::format("{}{}?{}", address.origin, address.path,
                       signed_query(signable, credentials, {.region = region, .service = "s3"}, now, expires));
}

}  // namespace tinybird_cdk::cloud::s3
