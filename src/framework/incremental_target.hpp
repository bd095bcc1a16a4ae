// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <tinybird_cdk/incremental.hpp>
#include <tinybird_cdk/tinybird.hpp>

namespace tinybird_cdk::framework {

/// The cursor column of a data source: how its values compare, and how far the last load came.
class IncrementalTarget {
public:
    /// @throws errors::InvalidArgument for a column that is not there or can't be a cursor
    IncrementalTarget(const std::optional<tinybird::DataSource>& target, const std::string& data_source,
                      const std::string& column);

    [[nodiscard]] CursorKind kind() const noexcept { return kind_; }
    /// The highest value that is there, less the lag; nothing when there is none.
    [[nodiscard]] std::optional<std::string> highest(tinybird::Client& client, const Lag& lag) const;
    /// The rows from a value on.
    [[nodiscard]] std::string condition_from(const std::string& value) const;

private:
    const std::string data_source_;
    std::string column_;  ///< by its name in the data source
    schema::Type type_;
    CursorKind kind_ = CursorKind::number;
};

}  // namespace tinybird_cdk::framework
