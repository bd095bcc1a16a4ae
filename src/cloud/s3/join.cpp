// SPDX-License-Identifier: Apache-2.0
#include "cloud/s3/join.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/parallel.hpp"
#include "cloud/s3/multipart.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

/// What the result is made of. Of lines, a part whose last one has no end gets one, for the next part's first row would
/// become a part of that line.
std::vector<Piece> pieces_of(Caller& caller, const std::string& bucket, const std::vector<Object>& parts,
                             const CatOptions& options) {
    std::vector<Piece> pieces;
    if (!options.lines && !options.header_lines) {
        for (std::size_t i = 0; i < parts.size(); ++i) {
            pieces.push_back({.object = i, .from = 0, .length = parts[i].size});
        }
        return pieces;
    }
    const Lines lines = look_at_lines(caller, bucket, parts, options.header_lines, options.stop);
    bool first = true;
    bool open_line = false;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::uint64_t from = first ? 0 : lines.headers[i];
        if (parts[i].size == from) {
            continue;
        }
        if (open_line) {
            pieces.push_back({.object = i, .from = 0, .length = 0, .literal = "\n"});
        }
        pieces.push_back({.object = i, .from = from, .length = parts[i].size - from});
        open_line = !lines.closed[i];
        first = false;
    }
    return pieces;
}

std::string gathered(Caller& caller, const std::string& bucket, const std::vector<Object>& parts,
                     const PlannedPart& part, const std::stop_token& stop) {
    std::vector<std::size_t> places;
    std::size_t size = 0;
    for (const Piece& piece : part.pieces) {
        places.push_back(size);
        size += piece.literal.empty() ? piece.length : piece.literal.size();
    }
    std::string bytes(size, '\0');
    in_parallel({.count = part.pieces.size(), .threads = most_readers}, stop,
                [&](std::size_t i, const std::stop_token& ending) {
                    const Piece& piece = part.pieces[i];
                    const std::string text = piece.literal.empty() ? read_range(caller, bucket, parts[piece.object],
                                                                                piece.from, piece.length, ending)
                                                                   : piece.literal;
                    std::copy(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(places[i]));
                });
    return bytes;
}

}  // namespace

std::string read_range(Caller& caller, const std::string& bucket, const Object& object, std::uint64_t from,
                       std::uint64_t length, const std::stop_token& stop) {
    Call call{.method = "GET", .bucket = bucket, .key = object.key};
    if (!object.etag.empty()) {
        call.headers.emplace_back("If-Match", fmt::format("\"{}\"", object.etag));
    }
    call.headers.emplace_back("Range", fmt::format("bytes={}-{}", from, from + length - 1));
    http::Response answer = caller.done(call, stop);
    constexpr int partial_content = 206;
    constexpr int whole = 200;
    const bool is_range = answer.status == partial_content || (answer.status == whole && object.size == length);
    if (!is_range || answer.body.size() != length) {
        throw errors::ExternalDatasourceError(
            fmt::format("s3: {} bytes of {} from byte {} on were asked for, and {} bytes came (status {})", length,
                        uri_of(bucket, object.key), from, answer.body.size(), answer.status));
    }
    return std::move(answer.body);
}

void join(Caller& caller, const std::string& bucket, const std::vector<Object>& parts, const std::string& target,
          const JoinLimits& limits, const CatOptions& options) {
    const std::vector<PlannedPart> plan = plan_join(pieces_of(caller, bucket, parts, options), limits);
    if (plan.empty() || (plan.size() == 1 && !plan.front().copied)) {
        // An upload needs a part that is not empty, and one small part is no use of it.
        const std::string bytes =
            plan.empty() ? std::string() : gathered(caller, bucket, parts, plan.front(), options.stop);
        caller.done({.method = "PUT",
                     .bucket = bucket,
                     .key = target,
                     .headers = {{"Content-Type", "application/octet-stream"}},
                     .body = bytes},
                    options.stop);
        return;
    }
    with_multipart(caller, bucket, target, options.stop, [&](Multipart& upload) {
        for (const PlannedPart& part : plan) {
            const Piece& piece = part.pieces.front();
            const Object& object = parts[piece.object];
            if (part.copied) {
                upload.add(CopySource{.bucket = bucket,
                                      .key = object.key,
                                      .etag = object.etag,
                                      .from = piece.from,
                                      .length = piece.length,
                                      .whole = piece.length == object.size});
            } else {
                upload.add(gathered(caller, bucket, parts, part, options.stop));
            }
        }
    });
}

}  // namespace tinybird_cdk::cloud::s3
