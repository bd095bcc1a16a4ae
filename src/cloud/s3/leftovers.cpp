// SPDX-License-Identifier: Apache-2.0
#include "cloud/s3/leftovers.hpp"

#include <exception>

#include <fmt/format.h>

#include "core/text.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

constexpr int not_found = 404;

/// For people who paste it: a key may hold anything.
std::string shell_quoted(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        quoted += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return quoted + "'";
}

std::string how_to_abort(const std::string& bucket, const std::string& key, std::string_view upload) {
    return fmt::format("aws s3api abort-multipart-upload --bucket {} --key {} --upload-id {}", shell_quoted(bucket),
                       shell_quoted(key), shell_quoted(upload));
}

/// Whether a key has a name that was drawn for this one use, as cat() and exports do: "tinybird_cdk_", and random
/// digits behind the last underline before the extension. No other program can have it. Without a letter among the
/// digits it may be a date that somebody chose.
bool is_drawn(std::string_view key) {
    constexpr std::size_t digits = 12;
    for (const std::string_view segment : core::split(key, '/')) {
        const std::string_view name = segment.substr(0, segment.find('.'));
        const std::string_view drawn = name.substr(name.rfind('_') + 1);
        if (name.starts_with("tinybird_cdk_") && drawn.size() == digits &&
            drawn.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
            drawn.find_first_of("abcdef") != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::string abort_upload(Caller& caller, const std::string& bucket, const std::string& key, const std::string& upload) {
    std::string why;
    try {
        // Also when the call was stopped: what is left costs money.
        const Call call{.method = "DELETE", .bucket = bucket, .key = key, .query = {{"uploadId", upload}}};
        const http::Response answer = caller.send(call, {});
        if ((answer.status >= 200 && answer.status < 300) || answer.status == not_found) {
            return {};
        }
        why = caller.error_of(call, answer).what();
    } catch (const std::exception& error) {
        why = error.what();
    }
    return fmt::format("The unfinished upload {} of {} is left, for it could not be aborted: {}. Abort it: {}", upload,
                       uri_of(bucket, key), why, how_to_abort(bucket, key, upload));
}

/// A creation whose answer got lost may have left an upload whose id nobody heard. S3 lists uploads with nothing in
/// them that says who began them, so those of a key that others may use can't be told from theirs, and an abort would
/// lose what they have sent. There they are named, no more: such an upload has no parts, which alone cost money.
/// Uploads of a key that was drawn for this call are this call's.
std::string abort_unheard(Caller& caller, const std::string& bucket, const std::string& key, const std::string& known,
                          std::chrono::system_clock::time_point begun) {
    // A clock may be so wrong, else the request would have been refused
    // (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, RequestTimeTooSkewed).
    constexpr std::chrono::minutes skew{15};
    std::string left;
    std::string others;
    try {
        // The first page will do: the key comes before all others that begin with it.
        const std::string xml =
            caller.done({.bucket = bucket, .query = {{"uploads", ""}, {"prefix", key}, {"encoding-type", "url"}}}, {})
                .body;
        for (const Unfinished& upload : parse_unfinished(xml)) {
            if (upload.key != key || upload.upload == known) {
                continue;
            }
            if (is_drawn(key)) {
                const std::string text = abort_upload(caller, bucket, key, upload.upload);
                left += left.empty() || text.empty() ? text : " " + text;
            } else if (upload.begun + skew >= begun) {
                others += (others.empty() ? "" : "; ") + how_to_abort(bucket, key, upload.upload);
            }
        }
    } catch (const std::exception& error) {
        return fmt::format(
            "An unfinished upload of {} may be left, for the answer that named it got lost, and it could "
            "not be looked for: {}. Look for it: aws s3api list-multipart-uploads --bucket {} --prefix {}",
            uri_of(bucket, key), error.what(), shell_quoted(bucket), shell_quoted(key));
    }
    if (!others.empty()) {
        left = fmt::format(
            "An unfinished upload of {} may be left, for the answer that named it got lost. Unless another "
            "program uploads to this key, abort it: {}",
            uri_of(bucket, key), others);
    }
    return left;
}

}  // namespace tinybird_cdk::cloud::s3
