// SPDX-License-Identifier: Apache-2.0
#include "transfer/object_load.hpp"

#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "http/host.hpp"
#include "transfer/byte_marks.hpp"
#include "transfer/peeked_body.hpp"
#include "transfer/read_ahead.hpp"
#include "transfer/watched_body.hpp"

namespace tinybird_cdk::transfer {

namespace {

/// A pre-signed URL must outlive the time a job may wait for its turn.
constexpr std::chrono::seconds url_life = std::chrono::hours(12);

std::function<void(const tinybird::Job&)> told_once(const std::function<void(const std::string&)>& on_id,
                                                    std::function<void(const tinybird::Job&)> on_job) {
    if (!on_id) {
        return on_job;
    }
    return [on_id, on_job = std::move(on_job), told = false](const tinybird::Job& job) mutable {
        if (!std::exchange(told, true)) {
            on_id(job.id);
        }
        if (on_job) {
            on_job(job);
        }
    };
}

tinybird::ImportOptions import_options(Mode mode, const CloudLoadOptions& options, const ObjectLoadSteps& steps,
                                       Progress& progress) {
    tinybird::ImportOptions request;
    request.format = options.format;
    request.on_quarantine = options.on_quarantine;
    request.stop = options.stop;
    if (mode == Mode::replace) {
        request.replace_condition = options.replace_condition;
    }
    if (options.on_progress) {
        request.on_sent = [&](std::uint64_t bytes) {
            progress.stage = "uploading";
            progress.bytes = bytes;
            options.on_progress(progress);
        };
        request.on_job = [&](const tinybird::Job&) {
            progress.stage = "importing";
            options.on_progress(progress);
        };
    }
    request.on_begin = steps.on_begin;
    request.url_is_own = steps.is_own;
    request.on_job = told_once(steps.on_job, std::move(request.on_job));
    return request;
}

}  // namespace

void check_object_options(Mode mode, const CloudLoadOptions& options) {
    if (mode == Mode::append && !options.replace_condition.empty()) {
        throw errors::InvalidArgument("append takes no replace condition", "Use replace.");
    }
    if (mode == Mode::replace && options.since_last) {
        throw errors::InvalidArgument("replace takes an object whether it was loaded before or not",
                                      "Leave since-last out, or append.");
    }
    const auto refuse = [](std::string_view what) {
        throw errors::InvalidArgument(fmt::format("objects are loaded as they are, so {} means nothing here", what),
                                      "Leave it out.");
    };
    if (options.row_limit) {
        refuse("a row limit");
    }
    if (options.verify || options.checksums) {
        refuse("verifying values");
    }
    if (options.max_rate) {
        refuse("a rate of rows");
    }
    if (options.incremental) {
        refuse("an incremental column");
    }
    if (options.limits) {
        refuse("a limit of the source");
    }
}

void check_object(const cloud::Object& object, const std::string& uri, Format format, Via via, const Limits& limits) {
    const formats::FileName name = formats::of_file_name(object.key);
    if (name.format && *name.format != format) {
        throw errors::InvalidArgument(fmt::format("{} is {} by its name, and {} was asked for", uri,
                                                  formats::name(*name.format), formats::name(format)),
                                      fmt::format("Ask for {}.", formats::name(*name.format)));
    }
    if (!name.compression.empty() && name.compression != "gzip") {
        throw errors::InvalidArgument(
            fmt::format("{} is compressed as .{}, and Tinybird reads gzip only", uri, name.compression),
            "Compress it with gzip, or not at all.");
    }
    if (name.compression == "gzip" && format == Format::parquet) {
        throw errors::InvalidArgument(fmt::format("{}: Parquet is compressed inside, not as a whole file", uri));
    }
    if (object.size == 0) {
        throw errors::InvalidArgument(fmt::format("{} is empty", uri), "There is nothing to load.");
    }
    check_size(object.size, uri, format, via, limits);
}

void check_size(std::uint64_t bytes, const std::string& uri, Format format, Via via, const Limits& limits) {
    const std::optional<std::uint64_t> largest = via == Via::stream ? limits.largest_v1() : limits.largest_url(format);
    if (largest && bytes > *largest) {
        throw errors::Error(fmt::format("{} has {} bytes, and one import may have {}", uri, bytes, *largest),
                            "Write less at once, or raise the limit with TB_CDK_LIMITS if your plan has another one.",
                            errors::ExitCode::data_refused);
    }
}

Via way_of(Via chosen, const std::string& url, bool endpoint_on_loopback) {
    if (chosen != Via::automatic) {
        return chosen;
    }
    return !endpoint_on_loopback && http::is_private(http::host_of(url)) ? Via::stream : Via::url;
}

LoadResult load_object(tinybird::Client& client, cloud::Client& store, const std::string& bucket,
                       const cloud::Object& object, Mode mode, const std::string& data_source, Via via,
                       const CloudLoadOptions& options, const ObjectLoadSteps& steps) {
    Progress progress;
    tinybird::ImportOptions request = import_options(mode, options, steps, progress);
    const std::string uri = store.uri(bucket, object.key);
    LoadResult result;
    if (via == Via::url) {
        const std::string url = store.public_url(bucket, object.key, url_life);
        logger::info(fmt::format("\"{}\": Tinybird fetches {}", data_source, uri));
        result.response = mode == Mode::append ? client.append_url(url, data_source, request)
                                               : client.replace_url(url, data_source, request);
        return result;
    }
    logger::info(fmt::format("\"{}\": {} is streamed through", data_source, uri));
    return stream_object(
        client, [&](const std::stop_token& reading) { return store.get(bucket, object.key, reading); }, mode,
        data_source, options, steps);
}

LoadResult stream_object(tinybird::Client& client, const OpenBody& open, Mode mode, const std::string& data_source,
                         const CloudLoadOptions& options, const ObjectLoadSteps& steps) {
    Progress progress;
    tinybird::ImportOptions request = import_options(mode, options, steps, progress);
    std::stop_source reading;
    const std::stop_callback on_stop(options.stop, [&] { reading.request_stop(); });
    const std::unique_ptr<Body> stored = open(reading.get_token());
    // What it is made of says more than its name: objects may be stored compressed with nothing but a Content-Encoding
    // to say so, and are read as they are stored.
    PeekedBody peeked(*stored, gzip_magic.size());
    request.content_encoding = peeked.begin() == gzip_magic ? "gzip" : "";
    ReadAhead ahead(peeked, reading);
    WatchedBody body(ahead, steps.on_whole);
    LoadResult result;
    result.response =
        mode == Mode::append ? client.append(body, data_source, request) : client.replace(body, data_source, request);
    result.bytes = ahead.position();
    return result;
}

}  // namespace tinybird_cdk::transfer
