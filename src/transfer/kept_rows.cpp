// SPDX-License-Identifier: Apache-2.0
#include "transfer/kept_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "transfer/proof_sql.hpp"

namespace tinybird_cdk::transfer {

namespace {

/// Of those that were sent or, where nobody counted them, that Tinybird read.
std::optional<std::uint64_t> rows_to_be(const LoadResult& result) {
    if (!result.rows) {
        return result.response.rows;
    }
    const std::uint64_t refused = result.response.quarantined.value_or(0) + result.response.invalid_lines.value_or(0);
    return *result.rows - std::min(refused, *result.rows);
}

/// Whether rows stay as many as were put in.
bool keeps_each_row(tinybird::Client& client, const std::string& data_source) {
    const std::optional<tinybird::DataSource> found = client.data_source(data_source);
    return found && (found->engine.empty() || found->engine == "MergeTree" || found->engine == "ReplicatedMergeTree" ||
                     found->engine == "SharedMergeTree");
}

}  // namespace

void refuse_dropped_rows(tinybird::Client& client, const std::string& data_source, const std::string& condition,
                         const LoadResult& result, const std::stop_token& stop) {
    const std::optional<std::uint64_t> sent = rows_to_be(result);
    if (condition.empty() || sent.value_or(0) == 0) {
        return;
    }
    std::uint64_t kept = 0;
    try {
        kept = proof_number(client.query_scalar(proof_query(data_source, {}, condition), {.pipe = {}, .stop = stop}));
        if (kept >= *sent || !keeps_each_row(client, data_source)) {
            return;
        }
    } catch (const errors::InterruptedError&) {
        throw errors::InterruptedError(
            fmt::format("interrupted when \"{}\" had its rows replaced, and they were being counted", data_source));
    } catch (const errors::Error& error) {
        // The replace itself is done.
        logger::warning(
            fmt::format("whether all new rows of \"{}\" match the replace condition can't be seen ({}); those that "
                        "don't are not in",
                        data_source, error.what()));
        return;
    }
    throw errors::NotProvedError(
        fmt::format(
            "{} rows were sent to \"{}\" to replace those where {}, and {} of its rows are such now: new rows that "
            "don't match the condition are not kept",
            *sent, data_source, condition, kept),
        "The replace is done. Select only rows that match the condition, or use a condition that all of them match, "
        "and replace again.");
}

}  // namespace tinybird_cdk::transfer
