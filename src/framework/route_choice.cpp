// SPDX-License-Identifier: Apache-2.0
#include "framework/route_choice.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "transfer/column_match.hpp"
#include "transfer/unload_fit.hpp"

namespace tinybird_cdk::framework {

namespace {

/// Below it a result is read in less time than an unload takes to begin.
constexpr std::uint64_t direct_bytes = 1'000'000'000;

/// NDJSON and Parquet find their columns by jsonpaths.
bool takes_by_name(const tinybird::DataSource& target) {
    return std::all_of(target.columns.begin(), target.columns.end(),
                       [](const schema::Column& column) { return !column.jsonpath.empty(); });
}

/// Whether an unload would bring each value as it is: `choice` has the reason when not, and all of the rest.
bool fits_bucket(const UnloadEstimate& estimate, const ExportRequest& request, const RouteRules& rules,
                 RouteChoice& choice) {
    const ExportPurpose& purpose = *request.purpose;
    if (!purpose.target) {
        choice.why = "the token may not describe the data source, so nothing says whether its types hold the values";
        return false;
    }
    // Columns that find no place are refused on each way.
    static_cast<void>(transfer::match_columns(estimate.columns, *purpose.target, request.format));
    choice.format = request.format;
    if (!estimate.not_by_bucket.empty()) {
        choice.why = estimate.not_by_bucket;
        if (!estimate.instead || !takes_by_name(*purpose.target)) {
            return false;
        }
        choice.format = *estimate.instead;
    }
    // Of few rows it may be one object: who asks for both gets the try.
    const bool asked = rules.route == Route::bucket && choice.format == request.format;
    if (choice.format == Format::parquet && purpose.all_or_nothing && !asked) {
        choice.why = choice.format == request.format
                         ? "each Parquet object is an import, and this load is one import or none"
                         : fmt::format("{}; by Parquet each object is an import, and this load is one import or none",
                                       choice.why);
        return false;
    }
    transfer::UnloadFit fit;
    try {
        fit = transfer::fit_unload(estimate.columns, *purpose.target, choice.format, estimate.refuses_nulls,
                                   estimate.refuses_numbers);
    } catch (const errors::SchemaMismatchError& error) {
        // CSV also goes by position, and the other formats don't.
        fit.refusal = fmt::format("{}; as {}, {}", choice.why, formats::name(choice.format), error.what());
    }
    if (!fit.refusal.empty()) {
        choice.why = std::move(fit.refusal);
        return false;
    }
    const std::optional<std::uint64_t> largest = rules.limits.largest_url(choice.format);
    if (purpose.all_or_nothing && largest && estimate.result_bytes > largest) {
        choice.why = fmt::format("about {} bytes, one import may have {}, and this load is one import or none",
                                 *estimate.result_bytes, *largest);
        return false;
    }
    choice.columns = std::move(fit.columns);
    return true;
}

/// What a load that is one import or none risks where only what is read for it is known.
std::string warning_of(const UnloadEstimate& estimate, bool all_or_nothing, std::optional<std::uint64_t> largest) {
    if (!all_or_nothing || !largest || estimate.result_bytes || estimate.bytes_read.value_or(0) <= *largest) {
        return {};
    }
    return fmt::format(
        "about {} bytes are read for it: if more than {} come of them, the load is refused after the unload, for it is "
        "one import or none. Directly (--via direct) it has no such limit.",
        *estimate.bytes_read, *largest);
}

/// The way that `automatic` takes where both can be taken.
bool is_large(const UnloadEstimate& estimate, RouteChoice& choice) {
    const std::optional<std::uint64_t> bytes = estimate.result_bytes ? estimate.result_bytes : estimate.bytes_read;
    if (!bytes) {
        choice.why = "the size of the result is not known";
        return true;
    }
    choice.why = estimate.result_bytes ? fmt::format("about {} bytes", *bytes)
                                       : fmt::format("about {} bytes are read for it", *bytes);
    return *bytes >= direct_bytes;
}

[[noreturn]] void refuse(const RouteChoice& choice, std::string hint) {
    throw errors::InvalidArgument(fmt::format("the result can't go by the bucket: {}", choice.why), std::move(hint));
}

/// Whether the warehouse has nothing against writing it: `choice` has the reason when it has.
bool can_write(const UnloadEstimate& estimate, bool asked, RouteChoice& choice) {
    std::string reason = estimate.last_look ? estimate.last_look(choice.format) : std::string();
    if (reason.empty()) {
        return true;
    }
    choice.why = std::move(reason);
    if (asked) {
        refuse(choice, "Load it directly (--via direct), or write the query in another way.");
    }
    return false;
}

/// Whether Tinybird can be given URLs of the objects: `choice` has the reason when not.
bool can_sign(const std::function<void()>& sign, bool asked, RouteChoice& choice) {
    try {
        sign();
        return true;
    } catch (const errors::InterruptedError&) {
        throw;
    } catch (const errors::Error& error) {
        if (error.retryable()) {
            throw;
        }
        choice.why = fmt::format("URLs of its objects can't be signed: {}", error.what());
        if (asked) {
            refuse(choice, fmt::format("{}{}Or load it directly (--via direct).", error.hint(),
                                       error.hint().empty() ? "" : " "));
        }
        return false;
    }
}

}  // namespace

RouteChoice choose_route(const RouteRules& rules, const ExportRequest& request,
                         const std::function<UnloadEstimate()>& estimate, const std::function<void()>& sign) {
    const bool asked = rules.route == Route::bucket;
    RouteChoice choice;
    if (rules.route == Route::direct) {
        choice.why = "it was asked for";
        return choice;
    }
    if (!rules.has_bucket) {
        if (asked) {
            throw errors::MissingConfiguration(rules.bucket_variable, "It says where the warehouse writes to.");
        }
        choice.why = fmt::format("{} names no bucket", rules.bucket_variable);
        return choice;
    }
    if (!request.purpose->needs_values.empty()) {
        if (asked) {
            throw errors::InvalidArgument(
                fmt::format("the load can't go by the bucket: {}, and values there are looked at by nobody",
                            request.purpose->needs_values),
                "Load it directly (--via direct), or leave that out.");
        }
        choice.why = request.purpose->needs_values;
        return choice;
    }
    const UnloadEstimate estimated = estimate();
    const bool fits = fits_bucket(estimated, request, rules, choice);
    if (!fits && asked) {
        refuse(choice,
               request.purpose->target
                   ? "Load it directly (--via direct), give the column of the data source a type that holds all "
                     "values, or CAST it in the query to a type that fits."
                   : "Check TB_CDK_TOKEN: an invalid one is refused like one that lacks the right. Give it the "
                     "right to read the data source (DATASOURCES:READ), or load directly (--via direct).");
    }
    if (!fits) {
        return choice;
    }
    choice.by_bucket =
        (is_large(estimated, choice) || asked) && can_write(estimated, asked, choice) && can_sign(sign, asked, choice);
    if (!choice.by_bucket) {
        return choice;
    }
    if (asked) {
        choice.why = "it was asked for";
    }
    if (choice.format != request.format) {
        choice.why += fmt::format("; as {}: {}", formats::name(choice.format), estimated.not_by_bucket);
    }
    choice.warning = warning_of(estimated, request.purpose->all_or_nothing, rules.limits.largest_url(choice.format));
    return choice;
}

}  // namespace tinybird_cdk::framework
