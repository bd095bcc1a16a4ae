// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/record_batches.hpp>

#include "encode/column_rules.hpp"
#include "encode/parquet/stored_type.hpp"

namespace tinybird_cdk::encode::parquet {

/// Thrown for a value that passed all checks, and that other formats can carry, but not the column's type in Parquet.
struct Unstorable {
    std::string message;
    std::string hint;
};

/// The values of one column, or of one part of a nested one, as they gather in Arrow's form.
///
/// All values but numbers come as the text that the other formats write: by then their checks, and what the policies
/// made of them, are behind them, the same way for each format. Here the text is read back into the column's type.
class ColumnBuilder {
public:
    /// @param rule must outlive the builder
    explicit ColumnBuilder(const Rule& rule);

    /// From now on values go here. @param array of the type that `describe()` gives, ready for appending
    void attach(ArrowArray* array);

    void null();
    void number(std::int64_t value);
    void number(std::uint64_t value);
    void number(float value);
    void number(double value);
    /// A value as its text. @throws Unstorable
    void text(std::string_view value);
    /// A list, tuple or map as valid JSON, for a column of such a type. @throws Unstorable
    void nested(std::string_view json);

    [[nodiscard]] Stored stored() const noexcept { return stored_; }
    [[nodiscard]] const Rule& rule() const noexcept { return rule_; }
    /// The element of a list, the members of a tuple, key and value of a map.
    [[nodiscard]] std::vector<ColumnBuilder>& parts() noexcept { return parts_; }
    /// A list, tuple or map has all its parts. A map's entries are closed one by one.
    void end_nested();
    void end_entry();

private:
    [[noreturn]] void refuse(std::string_view value, std::string why = {}) const;
    void append(std::int64_t value);
    void integer(std::string_view value);
    void real(std::string_view value);
    void boolean(std::string_view value);
    void decimal(std::string_view value);
    void moment(std::string_view value);

    const Rule& rule_;
    const Stored stored_;
    ArrowArray* array_ = nullptr;
    std::vector<ColumnBuilder> parts_;
    std::string digits_;  ///< of a decimal without its point
};

}  // namespace tinybird_cdk::encode::parquet
