// SPDX-License-Identifier: Apache-2.0
#include "transfer/cloud_export.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/errors.hpp>

#include "transfer/directory_load.hpp"
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
        return load_object(client, file.client(), file.bucket(), object, mode, data_source, via, options,
                           {.is_own = true});
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
        return load_objects(client, directory, std::move(objects), mode, data_source, all);
    });
    if (empty) {
        return std::nullopt;
    }
    return result;
}

}  // namespace tinybird_cdk::transfer
