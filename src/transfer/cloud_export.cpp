// SPDX-License-Identifier: Apache-2.0
#include "transfer/cloud_export.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/errors.hpp>

#include "cloud/temporary_key.hpp"
#include "http/gzip.hpp"
#include "transfer/import_parts.hpp"
#include "transfer/joined_body.hpp"
#include "transfer/object_load.hpp"
#include "transfer/response_sum.hpp"

namespace tinybird_cdk::transfer {

namespace {

std::string with_slash(const std::string& directory) {
    return directory.empty() || directory.ends_with('/') ? directory : directory + '/';
}

Via way_to(cloud::Client& store, const std::string& bucket, const std::string& key, const tinybird::Client& client) {
    return way_of(Via::automatic, store.public_url(bucket, key, std::chrono::seconds(1)),
                  client.configuration().on_loopback());
}

/// How many bytes of text a byte of the objects has, as far as the beginning of the first one tells. Tinybird's limits
/// are meant for text that is not compressed; objects of one unload compress about alike.
double expansion_of(CloudDir& directory, const cloud::Object& object, const std::stop_token& stop) {
    constexpr std::size_t looked_at = 1'000'000;
    constexpr double margin = 1.25;
    if (formats::of_file_name(object.key).compression.empty()) {
        return 1;
    }
    const std::unique_ptr<Body> body = directory.client().get(directory.bucket(), object.key, stop);
    std::string begin(std::min<std::uint64_t>(object.size, looked_at), '\0');
    std::size_t filled = 0;
    while (filled < begin.size()) {
        const std::size_t count = body->read(std::span(begin).subspan(filled));
        if (count == 0) {
            break;
        }
        filled += count;
    }
    begin.resize(filled);
    const std::uint64_t text = http::expanded_size(begin);
    return begin.empty() || text == 0 ? 1 : margin * static_cast<double>(text) / static_cast<double>(begin.size());
}

/// The objects of a directory on their way into a data source.
class DirectoryLoad {
public:
    DirectoryLoad(tinybird::Client& client, CloudDir& directory, Mode mode, const std::string& data_source,
                  const CloudLoadOptions& options)
        : client_(client),
          directory_(directory),
          store_(directory.client()),
          mode_(mode),
          data_source_(data_source),
          options_(options) {}

    LoadResult run(std::vector<cloud::Object> objects) {
        const std::vector<ImportPart> parts = parts_of(std::move(objects));
        LoadResult all;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            try {
                LoadResult one = load_part(parts[i]);
                all.bytes += one.bytes;
                add(std::move(one.response), all.response);
            } catch (errors::Error& error) {
                if (i > 0) {
                    error.add_hint(what_is_in(parts, i, all.response));
                }
                throw;
            }
            if (parts.size() > 1) {
                logger::info(fmt::format("\"{}\": import {} of {} is in", data_source_, i + 1, parts.size()));
            }
        }
        return all;
    }

private:
    [[nodiscard]] std::vector<ImportPart> parts_of(std::vector<cloud::Object> objects) const {
        const std::string uri = store_.uri(directory_.bucket(), directory_.directory());
        const Limits& limits = client_.configuration().limits;
        const std::string compression = formats::of_file_name(objects.front().key).compression;
        if (directory_.header_lines() && !compression.empty() && objects.size() > 1) {
            throw errors::InvalidArgument(
                fmt::format("the objects below {} begin with header lines, which can't be cut from compressed objects",
                            uri),
                "Export without header lines, or without compression.");
        }
        for (const cloud::Object& object : objects) {
            check_size(object.size, store_.uri(directory_.bucket(), object.key), options_.format, options_.via, limits);
        }
        const auto largest = options_.via == Via::stream ? limits.largest_v1() : limits.largest_url(options_.format);
        const std::size_t count = objects.size();
        const double expansion = largest && count > 1 ? expansion_of(directory_, objects.front(), options_.stop) : 1;
        std::vector<ImportPart> parts = import_parts(std::move(objects), options_.format, largest, expansion);
        if (parts.size() > 1 && (mode_ == Mode::replace || options_.incremental)) {
            throw errors::Error(
                fmt::format("the {} objects in {} need {} imports, and {} is one import or none: nothing was changed",
                            count, uri, parts.size(), mode_ == Mode::replace ? "a replace" : "an incremental load"),
                options_.format == Format::parquet
                    ? "Use NDJSON, whose objects can be joined, or append."
                    : "Load a part of the rows at a time, with a replace condition for each, or append. If your plan "
                      "has a higher limit, say it with TB_CDK_LIMITS.",
                errors::ExitCode::data_refused);
        }
        if (parts.size() > 1) {
            logger::info(fmt::format("\"{}\": {} objects go in {} imports", data_source_, count, parts.size()));
        }
        return parts;
    }

    LoadResult load_part(const ImportPart& part) {
        const std::string& bucket = directory_.bucket();
        if (part.size() == 1) {
            return load_object(client_, store_, bucket, part.front(), mode_, data_source_, options_.via, options_);
        }
        const bool is_text = formats::of_file_name(part.front().key).compression.empty();
        if (options_.via == Via::stream) {
            return stream_object(
                client_,
                [&](const std::stop_token& reading) {
                    return std::make_unique<JoinedBody>(
                        store_, bucket, part, JoinRules{.lines = is_text, .header_lines = directory_.header_lines()},
                        reading);
                },
                mode_, data_source_, options_);
        }
        const std::string below = part.front().key.substr(0, part.front().key.rfind('/') + 1);
        const std::string key = cloud::temporary_key(below, part.front().key);
        store_.join(bucket, part, key,
                    {.lines = is_text, .header_lines = directory_.header_lines(), .stop = options_.stop});
        return load_object(client_, store_, bucket, {.key = key, .size = 0, .modified = {}, .etag = {}}, mode_,
                           data_source_, options_.via, options_);
    }

    [[nodiscard]] std::string what_is_in(const std::vector<ImportPart>& parts, std::size_t done,
                                         const tinybird::Response& so_far) const {
        std::size_t objects = 0;
        std::size_t all = 0;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            all += parts[i].size();
            objects += i < done ? parts[i].size() : 0;
        }
        const std::string rows = so_far.rows ? fmt::format(" with {} rows", *so_far.rows) : std::string();
        const std::string total =
            directory_.rows() ? fmt::format(", which had {} rows together", *directory_.rows()) : std::string();
        return fmt::format(
            "{} of {} imports are in \"{}\" already: {} of {} objects{}{}. Nothing is repeated: the same load once "
            "more "
            "would bring those rows twice.",
            done, parts.size(), data_source_, objects, all, rows, total);
    }

    tinybird::Client& client_;
    CloudDir& directory_;
    cloud::Client& store_;
    const Mode mode_;
    const std::string& data_source_;
    const CloudLoadOptions& options_;
};

/// Objects that are gone, or that somebody else put there, would be rows that are gone or too many.
void check_count(const CloudDir& directory, std::size_t found) {
    if (directory.objects() && *directory.objects() != found) {
        throw errors::ExternalDatasourceError(
            fmt::format("the source says that it wrote {} objects, and there are {} in {}", *directory.objects(), found,
                        directory.client().uri(directory.bucket(), directory.directory())),
            {}, "Check that nobody else writes or deletes objects there.");
    }
}

}  // namespace

LoadResult load_cloud_file(tinybird::Client& client, CloudFile& file, Mode mode, const std::string& data_source,
                           const LoadOptions& options) {
    return and_delete(file, [&] {
        const Via via = way_to(file.client(), file.bucket(), file.key(), client);
        const cloud::Object object{.key = file.key(),
                                   .size = file.client().size(file.bucket(), file.key(), options.stop),
                                   .modified = {},
                                   .etag = {}};
        check_size(object.size, file.client().uri(file.bucket(), file.key()), options.format, via,
                   client.configuration().limits);
        return load_object(client, file.client(), file.bucket(), object, mode, data_source, via, options);
    });
}

std::optional<LoadResult> load_cloud_directory(tinybird::Client& client, CloudDir& directory, Mode mode,
                                               const std::string& data_source, const LoadOptions& options) {
    bool empty = false;
    LoadResult result = and_delete(directory, [&] {
        if (directory.rows() == 0U) {
            // Warehouses write an object for no rows too, with a header line or with nothing.
            empty = true;
            return LoadResult();
        }
        std::vector<cloud::Object> objects =
            directory.client().list(directory.bucket(), with_slash(directory.directory()), options.stop);
        check_count(directory, objects.size());
        std::erase_if(objects, [](const cloud::Object& object) { return object.size == 0; });
        empty = objects.empty();
        if (empty && directory.rows()) {
            throw errors::ExternalDatasourceError(
                fmt::format("the source says that it wrote {} rows, but there is nothing in {}", *directory.rows(),
                            directory.client().uri(directory.bucket(), directory.directory())),
                {}, "Check that nobody else deletes objects there.");
        }
        if (empty) {
            return LoadResult();
        }
        CloudLoadOptions all(options);
        all.via = way_to(directory.client(), directory.bucket(), objects.front().key, client);
        return DirectoryLoad(client, directory, mode, data_source, all).run(std::move(objects));
    });
    if (empty) {
        return std::nullopt;
    }
    return result;
}

}  // namespace tinybird_cdk::transfer
