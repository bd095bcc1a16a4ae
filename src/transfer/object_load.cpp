// SPDX-License-Identifier: Apache-2.0
#include "transfer/object_load.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "http/host.hpp"
#include "transfer/peeked_body.hpp"
#include "transfer/read_ahead.hpp"

namespace tinybird_cdk::transfer {

namespace {

/// A pre-signed URL must outlive the time a job may wait for its turn.
constexpr std::chrono::seconds url_life = std::chrono::hours(12);

/// RFC 1952 §2.3.1. No text and no Parquet begins so.
constexpr std::string_view gzip_magic = "\x1f\x8b";

tinybird::ImportOptions import_options(Mode mode, const CloudLoadOptions& options, Progress& progress) {
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
    return request;
}

}  // namespace

void check_object_options(Mode mode, const CloudLoadOptions& options) {
    if (mode == Mode::append && !options.replace_condition.empty()) {
        throw errors::InvalidArgument("append takes no replace condition", "Use replace.");
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
    const std::optional<std::uint64_t> largest = via == Via::stream ? limits.largest_v1() : limits.largest_url(format);
    if (largest && object.size > *largest) {
        throw errors::Error(fmt::format("{} has {} bytes, and one import may have {}", uri, object.size, *largest),
                            "Write several smaller objects, or raise the limit with TB_CDK_LIMITS if your plan has "
                            "another one.",
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
                       const CloudLoadOptions& options) {
    Progress progress;
    tinybird::ImportOptions request = import_options(mode, options, progress);
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
    std::stop_source reading;
    const std::stop_callback on_stop(options.stop, [&] { reading.request_stop(); });
    const auto stored = store.get(bucket, object.key, reading.get_token());
    // What it is made of says more than its name: objects may be stored compressed with nothing but a Content-Encoding
    // to say so, and are read as they are stored.
    PeekedBody peeked(*stored, gzip_magic.size());
    request.content_encoding = peeked.begin() == gzip_magic ? "gzip" : "";
    ReadAhead body(peeked, reading);
    result.response =
        mode == Mode::append ? client.append(body, data_source, request) : client.replace(body, data_source, request);
    result.bytes = object.size;
    return result;
}

}  // namespace tinybird_cdk::transfer
