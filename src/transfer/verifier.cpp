// SPDX-License-Identifier: Apache-2.0
#include "transfer/verifier.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "encode/proof_forms.hpp"

namespace tinybird_cdk::transfer {

namespace {

constexpr std::size_t most_shown = 5;

std::string hexadecimal(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        text += fmt::format("{:02X}", static_cast<unsigned char>(c));
    }
    return text;
}

/// A bound as the query gives it.
std::optional<std::string> as_queried(const schema::Type& type, const std::optional<std::string>& bound) {
    return bound && encode::proof_order(type) == encode::ProofOrder::text ? hexadecimal(*bound) : bound;
}

/// ±0 are equal, and either may be the lowest.
bool same_bound(const schema::Type& type, const std::optional<std::string>& a, const std::optional<std::string>& b) {
    const auto is_zero = [&](const std::string& bits) {
        return bits == "0" || bits == (type.kind() == schema::Kind::float32 ? "2147483648" : "9223372036854775808");
    };
    return a == b || (a && b && encode::proof_order(type) == encode::ProofOrder::real && is_zero(*a) && is_zero(*b));
}

}  // namespace

Verifier::Verifier(tinybird::Client& client, Mode mode, const std::string& data_source, const ColumnMatch& match,
                   const LoadOptions& options)
    : client_(client),
      data_source_(data_source),
      condition_(mode == Mode::replace ? options.replace_condition : std::string()),
      stop_(options.stop) {
    for (std::size_t i = 0; i < match.columns.size(); ++i) {
        if (match.places[i].empty() || !match.columns[i].target) {
            throw errors::InvalidArgument(
                fmt::format("the load can't be verified: which column of \"{}\" takes \"{}\" is not known", data_source,
                            match.columns[i].name),
                "The token must be allowed to read the data source, and each column must go to one of the same name.");
        }
        columns_.push_back({match.places[i], *match.columns[i].target});
    }
    Snapshot now = look();
    if (mode == Mode::append) {
        before_ = std::move(now);
    }
}

Verifier::Snapshot Verifier::look() {
    const ResultSet rows = client_.query(proof_query(data_source_, columns_, condition_), {.pipe = {}, .stop = stop_});
    if (rows.size() != 1) {
        throw errors::NotProvedError("Tinybird's answer to the question what was loaded is not one row");
    }
    const Value answer(rows.front());
    const auto text = [&](char part, std::size_t i) -> std::optional<std::string> {
        const Value& value = answer.at(fmt::format("tb_cdk_{}{}", part, i));
        return value.is_null() ? std::nullopt : std::optional(value.to_text());
    };
    Snapshot result{.rows = proof_number(answer.at("tb_cdk_rows")), .columns = {}};
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        Column column;
        column.nulls = proof_number(answer.at(fmt::format("tb_cdk_n{}", i)));
        if (encode::has_proof(columns_[i].type)) {
            column.checksum = proof_number(answer.at(fmt::format("tb_cdk_s{}", i)));
        }
        if (encode::has_proof(columns_[i].type) && encode::proof_order(columns_[i].type) != encode::ProofOrder::none) {
            column.lowest = text('l', i);
            column.highest = text('h', i);
        }
        result.columns.push_back(std::move(column));
    }
    return result;
}

void Verifier::compare_column(std::size_t i, const ColumnStatistics& sent, const Snapshot& after) {
    const auto& [name, type] = columns_[i];
    const Column& there = after.columns[i];
    const Column before = before_ ? before_->columns[i] : Column{};
    if (there.nulls - before.nulls != sent.nulls) {
        differences_.push_back(fmt::format("column \"{}\": {} NULLs were sent, {} are there", name, sent.nulls,
                                           static_cast<std::int64_t>(there.nulls - before.nulls)));
    }
    if (!encode::has_proof(type) || !sent.comparable) {
        return;
    }
    if (there.checksum - before.checksum != sent.checksum) {
        differences_.push_back(fmt::format("column \"{}\": the checksums of its values differ", name));
    }
    const bool has_bounds = encode::proof_order(type) != encode::ProofOrder::none;
    if (!has_bounds || (before_ && before_->rows > 0)) {
        return;  // the bounds are those of all rows
    }
    const auto lowest = as_queried(type, sent.lowest);
    const auto highest = as_queried(type, sent.highest);
    if (!same_bound(type, lowest, there.lowest) || !same_bound(type, highest, there.highest)) {
        differences_.push_back(fmt::format("column \"{}\": the lowest or the highest value differs", name));
    }
}

Verification Verifier::check(const std::optional<RowStatistics>& sent, const tinybird::Response& response) {
    const Snapshot after = look();
    const std::uint64_t sent_rows = sent ? sent->rows : 0;
    const std::uint64_t there = after.rows - (before_ ? before_->rows : 0);
    if (there != sent_rows) {
        differences_.push_back(
            fmt::format("{} rows were sent, {} are there", sent_rows, static_cast<std::int64_t>(there)));
    }
    Verification result{.rows = sent_rows, .proved = {}, .counted_only = {}};
    for (std::size_t i = 0; sent && i < columns_.size(); ++i) {
        compare_column(i, sent->columns[i], after);
        const bool whole = encode::has_proof(columns_[i].type) && sent->columns[i].comparable;
        (whole ? result.proved : result.counted_only).push_back(columns_[i].name);
    }
    if (differences_.empty()) {
        logger::info(fmt::format("verified \"{}\": {} rows, and the values of {} of {} columns", data_source_,
                                 sent_rows, result.proved.size(), columns_.size()));
        return result;
    }
    const std::size_t more = differences_.size() - std::min(differences_.size(), most_shown);
    differences_.resize(differences_.size() - more);
    std::string hint =
        "The rows are in; if others write to the data source meanwhile, their rows are seen as differences.";
    if (response.quarantined.value_or(0) + response.invalid_lines.value_or(0) > 0) {
        const auto shown = std::min(response.errors.size(), most_shown);
        hint = fmt::format(
            "{} row(s) went to quarantine, {} line(s) could not be read: {}. See SELECT * FROM {}_quarantine.",
            response.quarantined.value_or(0), response.invalid_lines.value_or(0),
            fmt::join(response.errors.begin(), response.errors.begin() + static_cast<std::ptrdiff_t>(shown), "; "),
            data_source_);
    }
    throw errors::NotProvedError(
        fmt::format("\"{}\" does not hold what was sent: {}{}", data_source_, fmt::join(differences_, "; "),
                    more > 0 ? fmt::format("; and {} more", more) : std::string()),
        std::move(hint));
}

}  // namespace tinybird_cdk::transfer
