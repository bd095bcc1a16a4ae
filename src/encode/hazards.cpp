// SPDX-License-Identifier: Apache-2.0
// What happens to a value that its target can't plainly hold, as far as it does not depend on the kind of value.
#include <string>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "encode/row_writer_impl.hpp"
#include "encode/shown.hpp"

namespace tinybird_cdk {

using encode::shown;

namespace {

std::string shown_type(const encode::Rule& rule) {
    return rule.type.empty() ? "a column whose type is not known" : shown(rule.type);
}

}  // namespace

void RowWriter::Impl::refuse(const std::string& message, std::string hint) const {
    throw errors::RefusedValueError(output_.rows() + 1, column_name(), message, std::move(hint));
}

void RowWriter::Impl::refuse_kind(const Rule& rule, std::string_view what) const {
    refuse(fmt::format("{} can't go into {}", what, shown_type(rule)),
           "Convert the column in the query, or change the type of the data source's column.");
}

RowWriter::Impl::Way RowWriter::Impl::resolve(Hazard hazard, const Rule& rule, std::string_view value,
                                              std::string_view why) {
    const HazardPolicy policy = hazards_.get(hazard);
    if (policy == HazardPolicy::text) {
        return Way::text;
    }
    if (policy == HazardPolicy::clamp) {
        return Way::clamp;
    }
    const bool at_key = nested_.open() && nested_.at_key();
    if (policy == HazardPolicy::null && rule.nullable && !at_key) {
        return Way::null;
    }
    const std::string message = fmt::format("{} can't be held by {}{}", shown(value), shown_type(rule),
                                            why.empty() ? std::string() : fmt::format(" ({})", why));
    if (policy == HazardPolicy::null) {
        refuse(fmt::format("{}, and NULL can't either", message), "Make the column Nullable, or a String.");
    }
    refuse(message, fmt::format("Choose --on {0}=null or --on {0}=text, or make the column a String.", name(hazard)));
}

void RowWriter::Impl::null_value(const Rule& rule) {
    refuse(fmt::format("NULL can't be held by {}", shown_type(rule)),
           rule.accept == encode::Accept::list || rule.accept == encode::Accept::map ||
                   rule.accept == encode::Accept::tuple
               ? "Such columns can't be Nullable in ClickHouse: replace NULL in the query, as in COALESCE(c, '{}'), or "
                 "make the column Nullable(String)."
               : "Make the column Nullable, or replace NULL in the query (COALESCE).");
}

}  // namespace tinybird_cdk
