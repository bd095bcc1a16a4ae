// SPDX-License-Identifier: Apache-2.0
#include "transfer/import_parts.hpp"

#include <utility>

namespace tinybird_cdk::transfer {

std::vector<ImportPart> import_parts(std::vector<cloud::Object> objects, Format format,
                                     std::optional<std::uint64_t> largest, std::uint64_t header, double expansion) {
    std::vector<ImportPart> parts;
    double bytes = 0;
    for (cloud::Object& object : objects) {
        const double size = static_cast<double>(object.size) * expansion;
        const bool fits = format != Format::parquet && (!largest || bytes + size <= static_cast<double>(*largest));
        if (parts.empty() || !fits) {
            parts.emplace_back();
            bytes = static_cast<double>(header);
        }
        bytes += size;
        parts.back().push_back(std::move(object));
    }
    return parts;
}

}  // namespace tinybird_cdk::transfer
