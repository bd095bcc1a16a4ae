// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/line_ends.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

#include <tinybird_cdk/body.hpp>
#include <tinybird_cdk/errors.hpp>

#include "cloud/gcs/objects.hpp"
#include "cloud/gcs/parallel.hpp"
#include "cloud/gcs/upload.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

/// Between two compressed objects a line break would be no line break, but damage.
void refuse_compressed(Api& api, std::string_view bucket, const Object& object, const std::stop_token& stop) {
    constexpr std::uint64_t magic_bytes = 4;
    const std::string begin = read_bytes(api, bucket, object, 0, std::min(object.size, magic_bytes), stop);
    if (const std::string_view compression = compression_of(begin); !compression.empty()) {
        throw errors::InvalidArgument(
            fmt::format("{} is compressed ({}): whether its last line has an end can't be seen inside the store",
                        uri_of(bucket, object.key), compression),
            "Join compressed objects as bytes, or load them one by one.");
    }
}

}  // namespace

std::string_view compression_of(std::string_view begin) {
    // RFC 1952 §2.3.1, RFC 8878 §3.1.1
    if (begin.starts_with("\x1f\x8b")) {
        return "gzip";
    }
    return begin.starts_with("\x28\xb5\x2f\xfd") ? "zstd" : "";
}

bool ends_line(Api& api, std::string_view bucket, const Object& object, const std::stop_token& stop) {
    return read_bytes(api, bucket, object, object.size - 1, 1, stop) == "\n";
}

std::vector<Object> with_line_ends(Api& api, std::string_view bucket, const std::vector<Object>& parts,
                                   Intermediates& intermediates, const std::stop_token& stop) {
    const auto has_bytes = [](const Object& part) { return part.size > 0; };
    const auto last = std::find_if(parts.rbegin(), parts.rend(), has_bytes);
    // Not vector<bool>: threads write side by side.
    std::vector<char> lacks_end(parts.size());
    const std::size_t before_last =
        last == parts.rend() ? 0 : static_cast<std::size_t>(std::distance(last, parts.rend())) - 1;
    in_parallel({.count = before_last, .threads = most_threads}, stop,
                [&](std::size_t i, const std::stop_token& reading) {
                    if (has_bytes(parts[i]) && !ends_line(api, bucket, parts[i], reading)) {
                        refuse_compressed(api, bucket, parts[i], reading);
                        lacks_end[i] = 1;
                    }
                });
    if (std::find(lacks_end.begin(), lacks_end.end(), 1) == lacks_end.end()) {
        return parts;
    }
    // One will do for all: an object may be a source more than once.
    const Object line_break = upload(api, bucket, intermediates.add(), *body_of("\n"), part_unit, stop).object;
    std::vector<Object> with_ends;
    with_ends.reserve(2 * parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        with_ends.push_back(parts[i]);
        if (lacks_end[i] != 0) {
            with_ends.push_back(line_break);
        }
    }
    return with_ends;
}

}  // namespace tinybird_cdk::cloud::gcs
