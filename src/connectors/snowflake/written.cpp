// SPDX-License-Identifier: Apache-2.0
#include "written.hpp"

#include <charconv>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/body.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::snowflake {

namespace {

std::string_view last_part(std::string_view key) {
    return key.substr(key.rfind('/') + 1);
}

/// Without a row, no object either, or the rows in it would be missed.
void refuse_unknown_objects(const Written& result, const UnloadLocation& location, const std::stop_token& stop) {
    if (result.rows == 0 && result.objects == 0 &&
        !location.client->list(location.bucket, location.directory, stop).empty()) {
        throw errors::ExternalDatasourceError("Snowflake says that it has written nothing, and there are objects");
    }
}

/// After a failure of a machine or the network Snowflake runs the statement again, and does not remove what the first
/// attempt has written (https://docs.snowflake.com/en/sql-reference/sql/copy-into-location, of INCLUDE_QUERY_ID): its
/// rows would come twice. Where the names can't be told apart nothing is removed, and the load is refused for the
/// number of its objects.
/// @return the key of one that is named; empty: there is none
std::string leave_what_is_named(const Written& result, const UnloadLocation& location, const std::stop_token& stop) {
    std::vector<std::string> others;
    std::string first;
    std::uint64_t named = 0;
    for (const cloud::Object& object : location.client->list(location.bucket, location.directory, stop)) {
        if (result.names.contains(last_part(object.key))) {
            ++named;
            first = first.empty() ? object.key : first;
        } else {
            others.push_back(object.key);
        }
    }
    if (others.empty() || named != result.objects || result.names.size() != result.objects) {
        return first;
    }
    logger::info(fmt::format("Snowflake has run the statement again: {} objects of its first attempt are deleted",
                             others.size()));
    for (const std::string& key : others) {
        location.client->rm(location.bucket, key, stop);
    }
    return first;
}

/// The first bytes of an object; all of a smaller one.
std::string first_bytes(const UnloadLocation& location, const std::string& key, std::size_t count,
                        const std::stop_token& stop) {
    const std::unique_ptr<Body> body = location.client->get(location.bucket, key, stop);
    std::string bytes(count, '\0');
    std::size_t at = 0;
    while (at < count) {
        const std::size_t read = body->read(std::span(bytes).subspan(at));
        if (read == 0) {
            break;
        }
        at += read;
    }
    bytes.resize(at);
    return bytes;
}

/// What is encrypted is none, as a thousand bytes show.
bool is_utf8(std::string_view bytes) {
    int missing = 0;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        const bool continues = (byte & 0xC0U) == 0x80U;
        if (continues != (missing > 0) || byte >= 0xF8U) {
            return false;
        }
        if (continues) {
            --missing;
        } else if (byte >= 0x80U) {
            missing = byte >= 0xF0U ? 3 : byte >= 0xE0U ? 2 : 1;
        }
    }
    return true;
}

bool begins_as(Format format, std::string_view bytes) {
    switch (format) {
        case Format::parquet:
            return bytes.starts_with("PAR1");
        case Format::ndjson:
            return bytes.starts_with("\x1f\x8b\x08");  // gzip
        default:
            return is_utf8(bytes);
    }
}

/// What a URL without a slash at its end has appended is not documented: the objects may be beside its folder.
void refuse_lost(const Written& result, const Stage& stage, const UnloadLocation& location) {
    if (result.objects == 0 || stage.url.ends_with('/')) {
        return;
    }
    throw errors::InvalidArgument(
        fmt::format("Snowflake has written {} objects to the stage {}, and none is in {}: the stage's URL, {}, has no "
                    "slash at its end, so they may be beside it and stay there",
                    result.objects, stage.name, location.client->uri(location.bucket, location.directory), stage.url),
        fmt::format("End the stage's URL with a slash (ALTER STAGE ... SET URL = '{0}/'), and delete what begins with "
                    "{0}tinybird_cdk_ in the bucket.",
                    stage.url));
}

/// Snowflake may encrypt for a stage what it writes there, with a key that the store does not have (ENCRYPTION = (TYPE
/// = 'AWS_CSE')). No statement tells for sure
/// (https://docs.snowflake.com/en/sql-reference/sql/show-stages: has_encryption_key), so the bytes do.
void refuse_unreadable(const std::string& key, const Stage& stage, const UnloadRequest& request) {
    constexpr std::size_t looked_at = 1024;
    if (!begins_as(request.format, first_bytes(request.location, key, looked_at, request.stop))) {
        throw errors::InvalidArgument(
            fmt::format("what Snowflake has written to the stage {} is no {}: the stage may encrypt it with a key of "
                        "its own",
                        stage.name, formats::name(request.format)),
            "Name a stage whose ENCRYPTION is not AWS_CSE or AZURE_CSE and has no MASTER_KEY (SF_STAGE), or load "
            "directly (--via direct).");
    }
}

}  // namespace

Written written(const ResultSet& objects) {
    Written result;
    for (const Value::Record& object : objects) {
        std::uint64_t rows = 0;
        const std::string text = text_of(object, "ROW_COUNT");
        const auto read = std::from_chars(text.data(), text.data() + text.size(), rows);
        if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) {
            throw errors::ExternalDatasourceError("Snowflake does not say how many rows it has written");
        }
        result.rows += rows;
        ++result.objects;
        result.names.emplace(last_part(text_of(object, "FILE_NAME")));
    }
    return result;
}

void check_objects(const Written& result, const Stage& stage, const UnloadRequest& request) {
    refuse_unknown_objects(result, request.location, request.stop);
    if (const std::string key = leave_what_is_named(result, request.location, request.stop); !key.empty()) {
        refuse_unreadable(key, stage, request);
    } else {
        refuse_lost(result, stage, request.location);
    }
}

}  // namespace tinybird_cdk::snowflake
