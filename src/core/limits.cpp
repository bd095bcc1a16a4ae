// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/limits.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"

namespace tinybird_cdk {

namespace {

constexpr std::array<std::pair<std::string_view, std::uint64_t Limits::*>, 10> fields{{
    {"multipart_bytes", &Limits::multipart_bytes},
    {"multipart_parquet_bytes", &Limits::multipart_parquet_bytes},
    {"v1_bytes", &Limits::v1_bytes},
    {"url_bytes", &Limits::url_bytes},
    {"url_parquet_bytes", &Limits::url_parquet_bytes},
    {"partitions_per_import", &Limits::partitions_per_import},
    {"imports_per_minute", &Limits::imports_per_minute},
    {"event_request_bytes", &Limits::event_request_bytes},
    {"event_bytes_per_second", &Limits::event_bytes_per_second},
    {"event_requests_per_second", &Limits::event_requests_per_second},
}};

[[noreturn]] void refuse(std::string_view item) {
    std::string names;
    for (const auto& [name, field] : fields) {
        names += names.empty() ? "" : ", ";
        names += name;
    }
    throw errors::InvalidArgument(fmt::format("TB_CDK_LIMITS: \"{}\" is no limit", item),
                                  fmt::format("Write NAME=NUMBER, as in multipart_bytes=1GB. Names: {}.", names));
}

std::uint64_t number(std::string_view text, std::string_view item) {
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view unit(parsed.ptr, static_cast<std::size_t>(text.data() + text.size() - parsed.ptr));
    const std::uint64_t factor = unit.empty()                            ? 1
                                 : core::equal_ignoring_case(unit, "kB") ? 1'000
                                 : core::equal_ignoring_case(unit, "MB") ? 1'000'000
                                 : core::equal_ignoring_case(unit, "GB") ? 1'000'000'000
                                                                         : 0;
    if (parsed.ec != std::errc() || factor == 0 || value > std::numeric_limits<std::uint64_t>::max() / factor) {
        refuse(item);
    }
    return value * factor;
}

std::optional<std::uint64_t> unless_zero(std::uint64_t limit) noexcept {
    return limit == 0 ? std::nullopt : std::optional(limit);
}

}  // namespace

Limits Limits::with(std::string_view text) const {
    Limits result = *this;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        const std::string_view item = core::trim(part);
        const std::size_t sign = item.find('=');
        const auto* const found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) {
            return field.first == core::trim(item.substr(0, sign));
        });
        if (sign == std::string_view::npos || found == fields.end()) {
            refuse(item);
        }
        result.*found->second = number(core::trim(item.substr(sign + 1)), item);
    }
    return result;
}

std::optional<std::uint64_t> Limits::largest_v0(Format format) const noexcept {
    return unless_zero(format == Format::parquet ? multipart_parquet_bytes : multipart_bytes);
}

std::optional<std::uint64_t> Limits::largest_url(Format format) const noexcept {
    return unless_zero(format == Format::parquet ? url_parquet_bytes : url_bytes);
}

std::optional<std::uint64_t> Limits::largest_v1() const noexcept {
    return unless_zero(v1_bytes);
}

}  // namespace tinybird_cdk
