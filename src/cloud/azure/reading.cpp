// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/azure/documents.hpp"
#include "cloud/azure/refusal.hpp"
#include "cloud/azure/store.hpp"
#include "cloud/object_body.hpp"

namespace tinybird_cdk::cloud::azure {

Client::Store::Store(const Environment& environment, Options options)
    : options_(std::move(options)), requests_(environment, options_), keys_(requests_) {}

std::vector<Object> Client::Store::list(std::string_view container, std::string_view prefix,
                                        const std::stop_token& stop) {
    std::vector<Object> objects;
    std::string marker;
    do {
        Call call{
            .container = std::string(container),
            .parameters = {{"restype", "container"}, {"comp", "list"}, {"maxresults", std::to_string(options_.page)}}};
        if (!prefix.empty()) {
            call.parameters.emplace_back("prefix", prefix);
        }
        if (!marker.empty()) {
            call.parameters.emplace_back("marker", marker);
        }
        const http::Response response = requests_.send(call, stop);
        if (!succeeded(response)) {
            refuse(response, fmt::format("listing azure://{}/{}", container, prefix));
        }
        ListPage page = parse_list(response.body);
        objects.insert(objects.end(), std::make_move_iterator(page.objects.begin()),
                       std::make_move_iterator(page.objects.end()));
        if (!page.next_marker.empty() && page.next_marker == marker) {
            throw errors::ExternalDatasourceError("Azure Blob Storage: a list of blobs does not go on");
        }
        marker = std::move(page.next_marker);
    } while (!marker.empty());
    return objects;
}

std::string Client::Store::signed_url(std::string_view container, std::string_view blob, std::chrono::seconds life,
                                      const std::stop_token& stop) {
    const Account& account = requests_.account();
    const std::string url = requests_.blob_url(container, blob);
    if (!account.sas.empty()) {
        return url + "?" + account.sas;
    }
    const SasRequest request{.account = account.name,
                             .container = std::string(container),
                             .blob = std::string(blob),
                             .expires = requests_.transport().clock().wall_now() + life,
                             .https_only = account.https()};
    if (!account.key.empty()) {
        return url + "?" + service_sas(request, account.key);
    }
    if (account.name.empty()) {
        throw errors::MissingConfiguration("AZURE_STORAGE_ACCOUNT",
                                           "A public URL is signed in the name of an account.");
    }
    return url + "?" + user_delegation_sas(request, keys_.until(request.expires, stop));
}

std::unique_ptr<Body> Client::Store::get(std::string_view container, const Object& part, ByteRange range,
                                         const std::stop_token& stop) {
    const std::string uri = fmt::format("azure://{}/{}", container, part.key);
    const auto make = [this, container = std::string(container), part, range, stop](std::uint64_t offset,
                                                                                    const std::string& etag) {
        Call call{.container = container, .blob = part.key};
        const std::uint64_t begin = range.begin + offset;
        if (range.length) {
            call.headers.emplace_back("x-ms-range", fmt::format("bytes={}-{}", begin, range.begin + *range.length - 1));
        } else if (begin > 0) {
            call.headers.emplace_back("x-ms-range", fmt::format("bytes={}-", begin));
        }
        if (!etag.empty()) {
            call.headers.emplace_back("If-Match", etag);
        } else if (!part.etag.empty()) {
            call.headers.emplace_back("If-Match", fmt::format("\"{}\"", part.etag));
        }
        return requests_.make(call, stop);
    };
    return object_body(requests_.transport(),
                       {.make = make,
                        .refuse = [uri](const http::Response& head) { refuse(head, "reading " + uri); },
                        .service = "Azure Blob Storage",
                        .uri = uri},
                       stop);
}

std::optional<Object> Client::Store::stat(std::string_view container, std::string_view blob,
                                          const std::stop_token& stop) {
    const http::Response response =
        requests_.send(Call{.method = "HEAD", .container = std::string(container), .blob = std::string(blob)}, stop);
    if (no_such_blob(response)) {
        return std::nullopt;
    }
    const std::string what = fmt::format("looking at azure://{}/{}", container, blob);
    if (!succeeded(response)) {
        refuse(response, what);
    }
    Object object;
    object.key = blob;
    object.etag = plain_etag(response.header("etag").value_or(""));
    const std::string_view size = response.header("content-length").value_or("");
    const auto result = std::from_chars(size.data(), size.data() + size.size(), object.size);
    const auto modified = parse_http_date(response.header("last-modified").value_or(""));
    if (result.ec != std::errc() || result.ptr != size.data() + size.size() || !modified) {
        throw errors::ExternalDatasourceError(fmt::format("{}: the answer lacks Content-Length or Last-Modified", what),
                                              {}, "Is that the blob endpoint of a storage account?");
    }
    object.modified = *modified;
    return object;
}

}  // namespace tinybird_cdk::cloud::azure
