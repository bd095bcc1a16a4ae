// SPDX-License-Identifier: Apache-2.0
#include "transfer/directory_load.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/temporary_key.hpp"
#include "http/gzip.hpp"
#include "transfer/csv_header.hpp"
#include "transfer/import_parts.hpp"
#include "transfer/joined_body.hpp"
#include "transfer/object_load.hpp"
#include "transfer/response_sum.hpp"

namespace tinybird_cdk::transfer {

namespace {

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
          options_(options),
          header_(directory.columns().empty() ? std::string() : header_line(directory.columns())) {}

    LoadResult run(std::vector<cloud::Object> objects) {
        const std::vector<ImportPart> parts = parts_of(std::move(objects));
        if (!header_.empty() && options_.via == Via::url) {
            put_header(parts.front().front().key);
        }
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
        if (!header_.empty() && (options_.format != Format::csv || directory_.header_lines())) {
            throw errors::InvalidArgument(
                fmt::format(
                    "names of columns were given for the objects below {}, which are no CSV without header lines", uri),
                "CloudDir::set_columns() is for those only.");
        }
        if (!header_.empty() && !compression.empty()) {
            throw errors::InvalidArgument(
                fmt::format("a header line can't be put before the objects below {}, which are compressed", uri),
                "Export without compression.");
        }
        for (const cloud::Object& object : objects) {
            check_size(header_.size() + object.size, store_.uri(directory_.bucket(), object.key), options_.format,
                       options_.via, limits);
        }
        const auto largest = options_.via == Via::stream ? limits.largest_v1() : limits.largest_url(options_.format);
        const std::size_t count = objects.size();
        const double expansion = largest && count > 1 ? expansion_of(directory_, objects.front(), options_.stop) : 1;
        std::vector<ImportPart> parts =
            import_parts(std::move(objects), options_.format, largest, header_.size(), expansion);
        if (parts.size() > 1 && (mode_ == Mode::replace || options_.incremental)) {
            throw errors::Error(
                fmt::format("the {} objects in {} need {} imports, and {} is one import or none: nothing was changed",
                            count, uri, parts.size(), mode_ == Mode::replace ? "a replace" : "an incremental load"),
                options_.format == Format::parquet
                    ? "Use NDJSON, whose objects can be joined, load directly (--via direct), or append."
                    : "Load directly (--via direct), or a part of the rows at a time, with a replace condition for "
                      "each, or append. If your plan has a higher limit, say it with TB_CDK_LIMITS.",
                errors::ExitCode::data_refused);
        }
        if (parts.size() > 1) {
            logger::info(fmt::format("\"{}\": {} objects go in {} imports", data_source_, count, parts.size()));
        }
        return parts;
    }

    LoadResult load_part(const ImportPart& part) {
        const std::string& bucket = directory_.bucket();
        if (part.size() == 1 && header_.empty()) {
            return load_object(client_, store_, bucket, part.front(), mode_, data_source_, options_.via, options_,
                               {.is_own = true});
        }
        const bool is_text = formats::of_file_name(part.front().key).compression.empty();
        if (options_.via == Via::stream) {
            const JoinRules rules{.lines = is_text, .header_lines = directory_.header_lines(), .begin = header_};
            return stream_object(
                client_,
                [&](const std::stop_token& reading) {
                    return std::make_unique<JoinedBody>(store_, bucket, part, rules, reading);
                },
                mode_, data_source_, options_);
        }
        const std::string key = temporary_beside(part.front().key);
        ImportPart sources = part;
        if (header_object_) {
            sources.insert(sources.begin(), *header_object_);
        }
        store_.join(bucket, sources, key,
                    {.lines = is_text, .header_lines = directory_.header_lines(), .stop = options_.stop});
        return load_object(client_, store_, bucket, {.key = key, .size = 0, .modified = {}, .etag = {}}, mode_,
                           data_source_, options_.via, options_, {.is_own = true});
    }

    static std::string temporary_beside(const std::string& key) {
        return cloud::temporary_key(key.substr(0, key.rfind('/') + 1), key);
    }

    /// The header line as an object, which is the first of each join: then nothing is looked into inside of the store.
    void put_header(const std::string& beside) {
        const std::string key = temporary_beside(beside);
        store_.put(directory_.bucket(), key, *body_of(header_), options_.stop);
        header_object_ = store_.stat(directory_.bucket(), key, options_.stop);
        if (!header_object_) {
            throw errors::ExternalDatasourceError(
                fmt::format("{} was written and is not there", store_.uri(directory_.bucket(), key)), {},
                "Check that nobody else deletes objects there.");
        }
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
    const std::string header_;  ///< that each import begins with; empty: the objects have what they need
    std::optional<cloud::Object> header_object_;
};

}  // namespace

LoadResult load_objects(tinybird::Client& client, CloudDir& directory, std::vector<cloud::Object> objects, Mode mode,
                        const std::string& data_source, const CloudLoadOptions& options) {
    return DirectoryLoad(client, directory, mode, data_source, options).run(std::move(objects));
}

}  // namespace tinybird_cdk::transfer
