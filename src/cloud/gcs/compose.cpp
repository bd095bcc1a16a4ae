// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/compose.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/gcs/header_lines.hpp"
#include "cloud/gcs/intermediates.hpp"
#include "cloud/gcs/line_ends.hpp"
#include "cloud/gcs/objects.hpp"
#include "cloud/gcs/parallel.hpp"
#include "cloud/gcs/upload.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

Object compose(Api& api, std::string_view bucket, std::span<const Object> sources, std::string_view target,
               const std::stop_token& stop) {
    nlohmann::json request{{"destination", {{"contentType", "application/octet-stream"}}},
                           {"sourceObjects", nlohmann::json::array()}};
    std::uint64_t size = 0;
    for (const Object& source : sources) {
        need_object_name(source.key);
        nlohmann::json one{{"name", source.key}};
        if (!source.etag.empty()) {
            one["objectPreconditions"] = {{"ifGenerationMatch", source.etag}};
        }
        request["sourceObjects"].push_back(std::move(one));
        size += source.size;
    }
    const std::string body = request.dump();
    const Call call{.method = "POST",
                    .url = api.object_url(bucket, target, "/compose", {}, stop),
                    .headers = {{"Content-Type", "application/json"}},
                    .body = body,
                    .has_body = true,
                    .stop_where = Transport::Stop::between_tries};  // else it might be made after the clean-up
    const std::string what = fmt::format("{} can't be joined from {} objects, {} to {}", uri_of(bucket, target),
                                         sources.size(), sources.front().key, sources.back().key);
    Object joined = api.described_object(api.send(call, stop), what).object;
    if (joined.size != size) {
        throw errors::ExternalDatasourceError(
            fmt::format("{}: the result has {} bytes, the parts have {}", what, joined.size, size), {}, "Run it again.",
            errors::ExitCode::temporary);
    }
    return joined;
}

/// One level of the tree: as many objects as it takes, of up to 32 each.
std::vector<Object> compose_level(Api& api, std::string_view bucket, const std::vector<Object>& sources,
                                  Intermediates& intermediates, const std::stop_token& stop) {
    std::vector<Object> joined((sources.size() + most_sources - 1) / most_sources);
    // Not by the token of the step: what another one's failure broke off here could come to be after its removal.
    in_parallel({.count = joined.size(), .threads = most_threads}, stop, [&](std::size_t i, const std::stop_token&) {
        const std::size_t begin = i * most_sources;
        const std::size_t count = std::min(most_sources, sources.size() - begin);
        joined[i] = count == 1
                        ? sources[begin]
                        : compose(api, bucket, std::span(sources).subspan(begin, count), intermediates.add(), stop);
    });
    return joined;
}

/// The first object that has a header, and all that follows the headers of the others as one new object.
std::vector<Object> cut_headers(Api& api, std::string_view bucket, std::vector<Object> parts,
                                Intermediates& intermediates, std::size_t part_bytes, const std::stop_token& stop) {
    common_header(api, bucket, parts, stop);
    const auto first = std::find_if(parts.begin(), parts.end(), [](const Object& part) { return part.size > 0; });
    if (first == parts.end() || first + 1 == parts.end()) {
        return parts;
    }
    const Object begin = *first;
    const auto rest = without_headers(api, bucket, begin, std::vector<Object>(first + 1, parts.end()), stop);
    Object others = upload(api, bucket, intermediates.add(), *rest, part_bytes, stop).object;
    std::vector<Object> cut{begin};
    if (others.size > 0) {
        cut.push_back(std::move(others));
    }
    return cut;
}

/// Composes the target itself. When it fails, what it may have made is deleted, but never what was there before.
void compose_target(Api& api, std::string_view bucket, std::span<const Object> sources, std::string_view target,
                    const std::stop_token& stop) {
    const std::optional<Object> before = stat_object(api, bucket, target, stop);
    try {
        compose(api, bucket, sources, target, stop);
    } catch (...) {
        // The answer may have been lost. The caller's stop token may be why, so it is not asked here.
        try {
            const std::optional<Object> after = stat_object(api, bucket, target, {});
            if (after && (!before || after->etag != before->etag)) {
                remove_object(api, bucket, target, after->etag, {});
            }
        } catch (const errors::Error& error) {
            logger::warning(fmt::format("{} may be left behind: {}", uri_of(bucket, target), error.what()));
        }
        throw;
    }
}

void join_within(Api& api, std::string_view bucket, const std::vector<Object>& parts, std::string_view target,
                 const CatOptions& options, std::size_t part_bytes, Intermediates& intermediates) {
    std::vector<Object> sources = parts;
    if (options.header_lines) {
        sources = cut_headers(api, bucket, parts, intermediates, part_bytes, options.stop);
    } else if (options.lines) {
        sources = with_line_ends(api, bucket, parts, intermediates, options.stop);
    }
    while (sources.size() > most_sources) {
        sources = compose_level(api, bucket, sources, intermediates, options.stop);
    }
    compose_target(api, bucket, sources, target, options.stop);
}

}  // namespace

void join_objects(Api& api, std::string_view bucket, const std::vector<Object>& parts, std::string_view target,
                  const CatOptions& options, std::size_t part_bytes) {
    Intermediates intermediates(api, bucket, target);
    try {
        join_within(api, bucket, parts, target, options, part_bytes, intermediates);
    } catch (const errors::Error& error) {
        const std::vector<std::string> left = intermediates.remove();
        if (left.empty()) {
            throw;
        }
        throw errors::ExternalDatasourceError(
            fmt::format("{}; left behind in {}: {}", error.what(), uri_of(bucket, ""), fmt::join(left, "; ")), {},
            "Delete these objects by hand.", error.exit_code());
    }
}

}  // namespace tinybird_cdk::cloud::gcs
