// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/formats.hpp>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"

namespace tinybird_cdk::formats {

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

}  // namespace tinybird_cdk::formats
