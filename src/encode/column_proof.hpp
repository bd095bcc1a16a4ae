// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tinybird_cdk/row_writer.hpp>
#include <tinybird_cdk/schema.hpp>

#include "encode/nested_form.hpp"

namespace tinybird_cdk::encode {

/// What is kept of the values of one column to compare them with those of the data source: an order-free checksum,
/// the lowest and the highest.
///
/// One value may be written in several ways (1.50 and 1.5, "2026-01-01 00:00:00" and the same with six zeros), so what
/// is compared is a form of which each value has one. `proof_sql()` gives the same forms in ClickHouse.
class ColumnProof {
public:
    explicit ColumnProof(const std::optional<schema::Type>& target);

    /// A value that is not NULL, as it is written, before quoting and escaping.
    void add(std::string_view written);
    /// Takes the parts of a list, map or tuple, before `add()`; nothing where the column is none, or can't be compared.
    [[nodiscard]] NestedForm* nested() noexcept { return nested_ ? &*nested_ : nullptr; }
    void report(ColumnStatistics& into) const;

private:
    /// The one form of a value. @return nothing when it is not clear which value ClickHouse reads from it
    [[nodiscard]] std::optional<std::string_view> form_of(std::string_view written);
    [[nodiscard]] bool less(std::string_view a, std::string_view b) const;

    std::unique_ptr<const schema::Type> target_;  ///< in one place: the parts of a nested value refer to it
    std::optional<NestedForm> nested_;
    std::string form_;
    std::uint64_t checksum_ = 0;
    bool comparable_;
    std::optional<std::string> lowest_;
    std::optional<std::string> highest_;
};

}  // namespace tinybird_cdk::encode
