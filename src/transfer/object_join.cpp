// SPDX-License-Identifier: Apache-2.0
#include "transfer/object_join.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/parallel.hpp"
#include "cloud/temporary_key.hpp"
#include "transfer/byte_marks.hpp"
#include "transfer/cloud_export.hpp"
#include "transfer/object_load.hpp"

namespace tinybird_cdk::transfer {

namespace {

/// What an object begins with.
struct Beginning {
    bool marked = false;  ///< by the mark of UTF-8
    bool header = false;
    bool gzip = false;
};

constexpr std::size_t readers = 8;
/// A header line that is longer is not seen, and is refused by the store's own comparison then.
constexpr std::size_t looked_at = std::size_t{256} << 10;

Beginning beginning_of(cloud::Client& store, const std::string& bucket, const cloud::Object& object,
                       const CsvHeader& header, const std::stop_token& stop) {
    std::string bytes;
    const auto body = store.get(bucket, object.key, stop);
    std::array<char, 4096> buffer{};
    while (bytes.size() < looked_at && bytes.find('\n') == std::string::npos) {
        const std::size_t count = body->read(buffer);
        if (count == 0) {
            break;
        }
        bytes.append(buffer.data(), count);
    }
    const std::string_view line = std::string_view(bytes).substr(0, bytes.find('\n'));
    return {
        .marked = line.starts_with(utf8_mark), .header = header.matches(line), .gzip = line.starts_with(gzip_magic)};
}

/// Reads the beginnings side by side: each costs the way to the store and back.
std::vector<Beginning> beginnings_of(cloud::Client& store, const std::string& bucket,
                                     const std::vector<cloud::Object>& objects, const CsvHeader& header,
                                     const std::stop_token& stop) {
    std::vector<Beginning> result(objects.size());
    cloud::in_parallel({.count = objects.size(), .threads = readers}, stop,
                       [&](std::size_t i, const std::stop_token& ending) {
                           result[i] = beginning_of(store, bucket, objects[i], header, ending);
                       });
    return result;
}

/// The deepest directory that all of them are in; they are sorted.
std::string_view common_directory(const std::vector<cloud::Object>& objects) {
    const std::string_view first = objects.front().key;
    const std::string_view last = objects.back().key;
    const auto differ = std::mismatch(first.begin(), first.end(), last.begin(), last.end());
    const std::string_view common = first.substr(0, static_cast<std::size_t>(differ.first - first.begin()));
    return common.substr(0, common.rfind('/') + 1);
}

}  // namespace

void check_joinable(cloud::Client& store, const std::string& bucket, const std::vector<cloud::Object>& objects, Via via,
                    const Limits& limits, Format format) {
    if (format == Format::parquet) {
        throw errors::InvalidArgument("Parquet objects can't be joined: each has its own footer",
                                      "Load them one by one.");
    }
    std::uint64_t bytes = 0;
    for (const cloud::Object& object : objects) {
        if (const std::string compression = formats::of_file_name(object.key).compression; !compression.empty()) {
            refuse_compressed(store.uri(bucket, object.key));
        }
        bytes += object.size;
    }
    check_size(bytes, fmt::format("all of {}", store.uri(bucket, common_directory(objects))), format, via, limits);
}

JoinRules join_rules(Format format, const std::optional<tinybird::DataSource>& target) {
    JoinRules rules{.lines = true, .header = {}, .refuse_equal_first_lines = false};
    if (format == Format::csv) {
        if (target) {
            std::vector<std::string> names;
            for (const schema::Column& column : target->columns) {
                names.push_back(column.name);
            }
            rules.header.emplace(names);
        } else {
            rules.refuse_equal_first_lines = true;
        }
    }
    return rules;
}

bool have_header_lines(cloud::Client& store, const std::string& bucket, const std::vector<cloud::Object>& objects,
                       const JoinRules& rules, const std::stop_token& stop) {
    const std::vector<Beginning> beginnings =
        beginnings_of(store, bucket, objects, rules.header.value_or(CsvHeader({})), stop);
    const auto compressed =
        std::find_if(beginnings.begin(), beginnings.end(), [](const auto& one) { return one.gzip; });
    if (compressed != beginnings.end()) {
        refuse_compressed(store.uri(bucket, objects[static_cast<std::size_t>(compressed - beginnings.begin())].key));
    }
    const bool header = beginnings.front().header;
    for (std::size_t i = 1; i < objects.size(); ++i) {
        if (beginnings[i].header != header) {
            throw errors::InvalidArgument(
                fmt::format("{} begins with a header line, and {} does not",
                            store.uri(bucket, objects[header ? 0 : i].key),
                            store.uri(bucket, objects[header ? i : 0].key)),
                "Join them on their way through this machine (stream), or load them one by one.");
        }
        if (beginnings[i].marked && !header) {
            throw errors::InvalidArgument(
                fmt::format("{} begins with the mark of UTF-8, which would come to stand in the middle",
                            store.uri(bucket, objects[i].key)),
                "Join them on their way through this machine (stream), or load them one by one.");
        }
    }
    return header;
}

LoadResult load_joined(tinybird::Client& client, cloud::Client& store, const std::string& bucket,
                       const std::vector<cloud::Object>& objects, Mode mode, const std::string& data_source,
                       const std::optional<tinybird::DataSource>& target, Via via, const CloudLoadOptions& options) {
    if (objects.size() == 1) {
        return load_object(client, store, bucket, objects.front(), mode, data_source, via, options);
    }
    const JoinRules rules = join_rules(options.format, target);
    if (via == Via::stream) {
        logger::info(fmt::format("\"{}\": {} objects of {} are joined and streamed through", data_source,
                                 objects.size(), store.uri(bucket, common_directory(objects))));
        return stream_object(
            client,
            [&](const std::stop_token& reading) {
                return std::make_unique<JoinedBody>(store, bucket, objects, rules, reading);
            },
            mode, data_source, options);
    }
    if (rules.refuse_equal_first_lines) {
        throw errors::InvalidArgument(
            "whether the objects begin with header lines can't be told without the columns of the data source",
            "Give the token the scope DATASOURCES:READ too, or load the objects one by one.");
    }
    const cloud::CatOptions how{.lines = true,
                                .header_lines = have_header_lines(store, bucket, objects, rules, options.stop),
                                .stop = options.stop};
    const std::string key = cloud::temporary_key(common_directory(objects), objects.front().key);
    // The store is the caller's, and outlives this.
    CloudFile joined(std::shared_ptr<cloud::Client>(std::shared_ptr<void>(), &store), bucket, key);
    return and_delete(joined, [&] {
        logger::info(
            fmt::format("\"{}\": {} objects are joined as {}", data_source, objects.size(), store.uri(bucket, key)));
        store.join(bucket, objects, key, how);
        return load_object(client, store, bucket, {.key = key, .size = 0, .modified = {}, .etag = {}}, mode,
                           data_source, via, options, {.is_own = true});
    });
}

}  // namespace tinybird_cdk::transfer
