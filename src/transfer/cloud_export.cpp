// SPDX-License-Identifier: Apache-2.0
#include "transfer/cloud_export.hpp"

#include <cstdint>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/errors.hpp>

#include "cloud/temporary_key.hpp"
#include "transfer/joined_body.hpp"
#include "transfer/object_load.hpp"

namespace tinybird_cdk::transfer {

namespace {

std::string with_slash(const std::string& directory) {
    return directory.empty() || directory.ends_with('/') ? directory : directory + '/';
}

Via way_to(cloud::Client& store, const std::string& bucket, const std::string& key, const tinybird::Client& client) {
    return way_of(Via::automatic, store.public_url(bucket, key, std::chrono::seconds(1)),
                  client.configuration().on_loopback());
}

/// All bytes of a directory, as one import.
LoadResult load_all(tinybird::Client& client, CloudDir& directory, std::vector<cloud::Object> objects, Mode mode,
                    const std::string& data_source, const CloudLoadOptions& options) {
    cloud::Client& store = directory.client();
    const std::string& bucket = directory.bucket();
    std::uint64_t bytes = 0;
    for (const cloud::Object& object : objects) {
        bytes += object.size;
    }
    check_size(bytes, store.uri(bucket, directory.directory()), options.format, options.via,
               client.configuration().limits);
    if (objects.size() == 1) {
        return load_object(client, store, bucket, objects.front(), mode, data_source, options.via, options);
    }
    if (options.format == Format::parquet) {
        throw errors::InvalidArgument(fmt::format("{} has {} Parquet objects, which can't be joined",
                                                  store.uri(bucket, directory.directory()), objects.size()),
                                      "Export CSV or NDJSON, or one object.");
    }
    const std::string compression = formats::of_file_name(objects.front().key).compression;
    if (directory.header_lines() && !compression.empty()) {
        throw errors::InvalidArgument(
            fmt::format("the objects below {} begin with header lines, which can't be cut from compressed objects",
                        store.uri(bucket, directory.directory())),
            "Export without header lines, or without compression.");
    }
    if (options.via == Via::stream) {
        return stream_object(
            client,
            [&](const std::stop_token& reading) {
                return std::make_unique<JoinedBody>(
                    store, bucket, objects,
                    JoinRules{.lines = compression.empty(), .header_lines = directory.header_lines()}, reading);
            },
            mode, data_source, options);
    }
    const cloud::CatOptions how{
        .lines = compression.empty(), .header_lines = directory.header_lines(), .stop = options.stop};
    const std::string below = objects.front().key.substr(0, objects.front().key.rfind('/') + 1);
    const std::string key = cloud::temporary_key(below, objects.front().key);
    store.join(bucket, objects, key, how);
    return load_object(client, store, bucket, {.key = key, .size = 0, .modified = {}, .etag = {}}, mode, data_source,
                       options.via, options);
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
        return load_all(client, directory, std::move(objects), mode, data_source, all);
    });
    if (empty) {
        return std::nullopt;
    }
    return result;
}

}  // namespace tinybird_cdk::transfer
