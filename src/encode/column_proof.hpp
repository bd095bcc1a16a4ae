// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tinybird_cdk/row_writer.hpp>
#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::encode {

/// What is kept of the values of one column to compare them with those of the data source: an order-free checksum,
/// the lowest and the highest.
///
/// One value may be written in several ways (1.50 and 1.5, "2026-01-01 00:00:00" and the same with six zeros), so what
/// is compared is a form of which each value has one. `proof_sql()` gives the same forms in ClickHouse.
class ColumnProof {
public:
    explicit ColumnProof(std::optional<schema::Type> target);

    /// A value that is not NULL, as it is written, before quoting and escaping.
    void add(std::string_view written);
    void report(ColumnStatistics& into) const;

private:
    /// The one form of a value. @return nothing when it is not clear which value ClickHouse reads from it
    [[nodiscard]] std::optional<std::string_view> form_of(std::string_view written);
    [[nodiscard]] bool less(std::string_view a, std::string_view b) const;

    const std::optional<schema::Type> target_;
    std::string form_;
    std::uint64_t checksum_ = 0;
    bool comparable_;
    std::optional<std::string> lowest_;
    std::optional<std::string> highest_;
};

}  // namespace tinybird_cdk::encode
