// SPDX-License-Identifier: Apache-2.0
#include "cloud/azure/documents.hpp"

#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <pugixml.hpp>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/crypto.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::azure {

namespace {

[[noreturn]] void unreadable(std::string_view what, std::string_view why) {
    throw errors::ExternalDatasourceError(
        fmt::format("Azure Blob Storage: {} can't be read: {}", what, why), {},
        "Is that the blob endpoint of a storage account, and is there no proxy that answers in its place?");
}

pugi::xml_document parse(std::string_view text, std::string_view what) {
    pugi::xml_document document;
    // Names may consist of blanks or hold line ends: nothing is made of either.
    constexpr unsigned flags = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_ws_pcdata_single;
    const pugi::xml_parse_result result = document.load_buffer(text.data(), text.size(), flags);
    if (!result) {
        unreadable(what, result.description());
    }
    return document;
}

/// From version 2021-02-12 on, names that XML can't hold are percent-encoded and say so.
std::string name_of(const pugi::xml_node& blob) {
    const pugi::xml_node name = blob.child("Name");
    std::string text = name.child_value();
    if (!name.attribute("Encoded").as_bool()) {
        return text;
    }
    auto decoded = core::url_decode(text);
    if (!decoded) {
        unreadable("a list of blobs", fmt::format("the encoded name {}", text));
    }
    return *std::move(decoded);
}

Object object_of(const pugi::xml_node& blob) {
    const pugi::xml_node properties = blob.child("Properties");
    Object object;
    object.key = name_of(blob);
    const std::string_view size = properties.child_value("Content-Length");
    const auto result = std::from_chars(size.data(), size.data() + size.size(), object.size);
    if (object.key.empty() || result.ec != std::errc() || result.ptr != size.data() + size.size()) {
        unreadable("a list of blobs", fmt::format("{} has the size \"{}\"", object.key, size));
    }
    const std::string_view modified = properties.child_value("Last-Modified");
    const auto time = parse_http_date(modified);
    if (!time) {
        unreadable("a list of blobs", fmt::format("{} has the time \"{}\"", object.key, modified));
    }
    object.modified = *time;
    object.etag = plain_etag(properties.child_value("Etag"));
    return object;
}

}  // namespace

std::string plain_etag(std::string_view etag) {
    const bool quoted = etag.size() >= 2 && etag.front() == '"' && etag.back() == '"';
    return std::string(quoted ? etag.substr(1, etag.size() - 2) : etag);
}

ListPage parse_list(std::string_view text) {
    const pugi::xml_document document = parse(text, "a list of blobs");
    const pugi::xml_node root = document.child("EnumerationResults");
    if (!root) {
        unreadable("a list of blobs", "there is no EnumerationResults in it");
    }
    ListPage page;
    for (const pugi::xml_node& blob : root.child("Blobs").children("Blob")) {
        if (std::strcmp(blob.child("Properties").child_value("ResourceType"), "directory") != 0) {
            page.objects.push_back(object_of(blob));
        }
    }
    page.next_marker = root.child_value("NextMarker");
    return page;
}

std::string block_list(const std::vector<std::string>& ids) {
    std::string text = R"(<?xml version="1.0" encoding="utf-8"?><BlockList>)";
    for (const std::string& id : ids) {
        // Latest, not Uncommitted: when the answer was lost and the list is sent again, the blocks are committed.
        text += fmt::format("<Latest>{}</Latest>", id);
    }
    return text + "</BlockList>";
}

std::string key_info(Time start, Time expiry) {
    return fmt::format(
        R"(<?xml version="1.0" encoding="utf-8"?><KeyInfo><Start>{}</Start><Expiry>{}</Expiry></KeyInfo>)",
        iso_time(start), iso_time(expiry));
}

DelegationKey parse_delegation_key(std::string_view text) {
    const pugi::xml_document document = parse(text, "a user delegation key");
    const pugi::xml_node root = document.child("UserDelegationKey");
    const std::string value = root.child_value("Value");
    DelegationKey key{.object_id = root.child_value("SignedOid"),
                      .tenant_id = root.child_value("SignedTid"),
                      .start = root.child_value("SignedStart"),
                      .expiry = root.child_value("SignedExpiry"),
                      .service = root.child_value("SignedService"),
                      .version = root.child_value("SignedVersion"),
                      .value = {}};
    if (value.empty() || !parse_iso_time(key.expiry)) {
        unreadable("a user delegation key", "there is no Value or no SignedExpiry in it");
    }
    logger::remember_secret(value);
    key.value = base64_decode(value);
    return key;
}

}  // namespace tinybird_cdk::cloud::azure
