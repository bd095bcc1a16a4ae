// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <tinybird_cdk/rest.hpp>
#include <tinybird_cdk/value.hpp>

namespace tinybird_cdk::bigquery {

/// A page of a result: its text, of which one row at a time becomes a value. All rows together would take some fifteen
/// times the memory of their text, and that is 20 MB for Google
/// (https://cloud.google.com/bigquery/docs/paging-results), whatever is in a row.
class Page {
public:
    /// @param answer that is 2xx @param what was done, as in "the query failed"
    /// @throws errors::ExternalDatasourceError when it is no JSON, as the page of a proxy is not
    Page(rest::Answer answer, std::string what);

    /// All but the rows: {"schema": …, "totalRows": …}
    [[nodiscard]] const Value& head() const noexcept { return head_; }
    /// {"f": […]}; nothing behind the last one. @throws errors::ExternalDatasourceError when it is no JSON
    std::optional<Value> next_row();

private:
    /// Finds the rows. @return the text without them; all of it when it is nothing that has rows
    std::string cut();

    std::string text_;
    const std::string what_;
    std::size_t at_ = 0;   ///< where the next row begins, or a comma before it
    std::size_t end_ = 0;  ///< of the rows
    Value head_;
};

}  // namespace tinybird_cdk::bigquery
