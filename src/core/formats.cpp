// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/formats.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"

namespace tinybird_cdk::formats {

namespace {

constexpr std::array<std::pair<std::string_view, Format>, 6> formats_of_extensions{{{"csv", Format::csv},
                                                                                    {"ndjson", Format::ndjson},
                                                                                    {"jsonl", Format::ndjson},
                                                                                    {"json", Format::ndjson},
                                                                                    {"parquet", Format::parquet},
                                                                                    {"pq", Format::parquet}}};
constexpr std::array<std::string_view, 10> other_compressions{"zst", "zstd",   "bz2", "xz",  "lz4",
                                                              "br",  "snappy", "sz",  "zip", "z"};

/// Takes the last extension off. @return it in lower case; empty when there is none
std::string take_extension(std::string_view& name) {
    const std::size_t dot = name.rfind('.');
    // A dot at the begin makes a hidden file, not an extension.
    if (dot == std::string_view::npos || dot == 0) {
        return {};
    }
    std::string extension = core::to_lower(name.substr(dot + 1));
    name = name.substr(0, dot);
    return extension;
}

}  // namespace

std::string_view name(Format format) noexcept {
    switch (format) {
        case Format::csv:
            return "csv";
        case Format::ndjson:
            return "ndjson";
        case Format::parquet:
            return "parquet";
    }
    return "";
}

std::string_view content_type(Format format) noexcept {
    switch (format) {
        case Format::csv:
            return "text/csv";
        case Format::ndjson:
            return "application/x-ndjson";
        case Format::parquet:
            return "application/vnd.apache.parquet";
    }
    return "";
}

Format parse(std::string_view name) {
    const std::string lower = core::to_lower(name);
    if (lower == "csv") {
        return Format::csv;
    }
    if (lower == "ndjson" || lower == "jsonl" || lower == "json") {
        return Format::ndjson;
    }
    if (lower == "parquet") {
        return Format::parquet;
    }
    throw errors::UnsupportedFormatError(fmt::format("there is no format \"{}\"", name),
                                         "The formats are csv, ndjson and parquet.");
}

FileName of_file_name(std::string_view path) {
    std::string_view name = path.substr(path.rfind('/') + 1);
    FileName result;
    std::string extension = take_extension(name);
    if (extension == "gz" || extension == "gzip") {
        result.compression = "gzip";
        extension = take_extension(name);
    } else if (std::find(other_compressions.begin(), other_compressions.end(), extension) != other_compressions.end()) {
        result.compression = extension;
        extension = take_extension(name);
    }
    for (const auto& [known, format] : formats_of_extensions) {
        if (extension == known) {
            result.format = format;
        }
    }
    return result;
}

}  // namespace tinybird_cdk::formats
