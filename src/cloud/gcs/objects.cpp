// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/objects.hpp"

#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/gcs/json_field.hpp"
#include "cloud/object_body.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

/// 404 stands for a missing object and for a missing bucket, which is a mistake worth a word.
bool is_no_object(const http::Response& answer) {
    return answer.status == 404 && answer.body.find("bucket does not exist") == std::string::npos;
}

/// @param first of the bytes that are wanted. @param end behind the last of them; 0: all there are
ObjectSource source_of(Api& api, std::string_view bucket, std::string_view key, std::string_view generation,
                       const std::stop_token& stop, std::uint64_t first = 0, std::uint64_t end = 0) {
    const auto token = std::make_shared<Secret>();
    ObjectSource source;
    source.service = "GCS";
    source.uri = uri_of(bucket, key);
    source.version_header = "x-goog-generation";
    source.make = [&api, token, stop, first, end, bucket = std::string(bucket), key = std::string(key),
                   generation = std::string(generation)](std::uint64_t offset, const std::string& version) {
        Api::Query query{{"alt", "media"}};
        if (const std::string& wanted = version.empty() ? generation : version; !wanted.empty()) {
            query.emplace_back("ifGenerationMatch", wanted);
        }
        http::Request request;
        request.url = api.object_url(bucket, key, "", std::move(query), stop);
        // What is stored compressed is then sent as it is, with its length, and ranges count its bytes
        // (https://cloud.google.com/storage/docs/transcoding).
        request.headers.emplace_back("Accept-Encoding", "gzip");
        if (end > 0) {
            request.headers.emplace_back("Range", fmt::format("bytes={}-{}", first + offset, end - 1));
        } else if (offset > 0) {
            request.headers.emplace_back("Range", fmt::format("bytes={}-", offset));
        }
        *token = api.authorise(request, stop);
        return request;
    };
    source.renew = [&api, token](const http::Response& answer) {
        constexpr int unauthorised = 401;
        if (answer.status != unauthorised || token->empty()) {
            return false;
        }
        // Tokens can be revoked before they expire.
        api.discard(*token);
        return true;
    };
    source.refuse = [&api, uri = source.uri](const http::Response& answer) {
        api.refuse(answer, fmt::format("{} can't be read", uri));
    };
    return source;
}

}  // namespace

std::string uri_of(std::string_view bucket, std::string_view key) {
    return fmt::format("gs://{}/{}", bucket, key);
}

std::vector<Object> list_objects(Api& api, std::string_view bucket, std::string_view prefix,
                                 const std::stop_token& stop) {
    const std::string what = fmt::format("{} can't be listed", uri_of(bucket, prefix));
    std::vector<Object> objects;
    std::string page;
    do {
        Api::Query query{{"prefix", std::string(prefix)},
                         {"maxResults", "1000"},
                         {"fields", fmt::format("nextPageToken,items({})", resource_fields)}};
        if (!page.empty()) {
            query.emplace_back("pageToken", page);
        }
        const Call call{.url = api.object_url(bucket, "", "", std::move(query), stop)};
        const nlohmann::json document = api.document_of(api.send(call, stop), what);
        // A page may be empty and have another one behind it.
        for (const auto& item : document.value("items", nlohmann::json::array())) {
            auto resource = resource_of(item);
            if (!resource) {
                throw errors::ExternalDatasourceError(
                    fmt::format("{}: the answer has an item that is no object", what));
            }
            objects.push_back(std::move(resource->object));
        }
        page = text_field(document, "nextPageToken").value_or("");
    } while (!page.empty());
    return objects;
}

std::optional<Object> stat_object(Api& api, std::string_view bucket, std::string_view key,
                                  const std::stop_token& stop) {
    const Call call{.url = api.object_url(bucket, key, "", {{"fields", std::string(resource_fields)}}, stop)};
    const http::Response answer = api.send(call, stop);
    if (is_no_object(answer)) {
        return std::nullopt;
    }
    return api.described_object(answer, fmt::format("{} can't be looked at", uri_of(bucket, key))).object;
}

void remove_object(Api& api, std::string_view bucket, std::string_view key, std::string_view generation,
                   const std::stop_token& stop) {
    Api::Query query;
    if (!generation.empty()) {
        query.emplace_back("ifGenerationMatch", generation);
    }
    const Call call{.method = "DELETE", .url = api.object_url(bucket, key, "", std::move(query), stop)};
    const http::Response answer = api.send(call, stop);
    if ((answer.status < 200 || answer.status >= 300) && !is_no_object(answer)) {
        api.refuse(answer, fmt::format("{} can't be deleted", uri_of(bucket, key)));
    }
}

std::unique_ptr<Body> read_object(Api& api, std::string_view bucket, std::string_view key, std::string_view generation,
                                  const std::stop_token& stop) {
    return object_body(api.transport(), source_of(api, bucket, key, generation, stop), stop);
}

std::string read_bytes(Api& api, std::string_view bucket, const Object& object, std::uint64_t first, std::size_t count,
                       const std::stop_token& stop) {
    const auto body =
        object_body(api.transport(), source_of(api, bucket, object.key, object.etag, stop, first, first + count), stop);
    if (body->size() != count) {
        throw errors::ExternalDatasourceError(
            fmt::format("{}: the store does not give a part of it", uri_of(bucket, object.key)));
    }
    std::string bytes(count, '\0');
    for (std::size_t filled = 0; filled < count;) {
        const std::size_t more = body->read({bytes.data() + filled, count - filled});
        if (more == 0) {
            throw errors::ExternalDatasourceError(fmt::format("{} can't be read", uri_of(bucket, object.key)), {},
                                                  "Run it again.", errors::ExitCode::temporary);
        }
        filled += more;
    }
    return bytes;
}

}  // namespace tinybird_cdk::cloud::gcs
