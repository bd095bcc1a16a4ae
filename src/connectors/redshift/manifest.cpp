// SPDX-License-Identifier: Apache-2.0
#include "manifest.hpp"

#include <array>
#include <variant>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/value.hpp>

namespace tinybird_cdk::redshift {

namespace {

std::string text_of(Body& body) {
    constexpr std::size_t at_once = 16384;
    std::array<char, at_once> buffer{};
    std::string text;
    while (const std::size_t size = body.read(buffer)) {
        text.append(buffer.data(), size);
    }
    return text;
}

}  // namespace

std::uint64_t take_manifest(cloud::Client& client, const std::string& bucket, const std::string& key,
                            const std::stop_token& stop) {
    const std::string text = text_of(*client.get(bucket, key, stop));
    std::uint64_t objects = 0;
    try {
        const Value manifest = Value::from_json(text);
        objects = std::get<Value::List>(manifest.at("entries").variant()).size();
    } catch (const std::exception& error) {
        throw errors::ExternalDatasourceError(fmt::format(
            "Redshift's list of the objects that it wrote, {}, is none: {}", client.uri(bucket, key), error.what()));
    }
    client.rm(bucket, key, stop);
    return objects;
}

}  // namespace tinybird_cdk::redshift
