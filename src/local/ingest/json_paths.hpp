// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::local::ingest {

/// The names that a jsonpath goes through, outermost first: "$.a.b[:]" is {"a", "b"}, "$" is none. A column without
/// a jsonpath is the field of its name. @throws errors::InvalidArgument for paths with conditions or positions
std::vector<std::string> fields_of_jsonpath(const schema::Column& column);

/// Which columns the fields of a record fill, as a tree of names.
class PathTree {
public:
    explicit PathTree(const std::vector<schema::Column>& columns);

    /// The place of a field, or nothing. Fields mostly come in the order of the columns, so the search begins there.
    [[nodiscard]] PathTree* find(std::string_view name) noexcept;
    /// A record begins again.
    void rewind() noexcept { next_ = 0; }
    [[nodiscard]] const std::vector<std::size_t>& columns() const noexcept { return columns_; }
    [[nodiscard]] bool leaf() const noexcept { return children_.empty(); }

private:
    PathTree() = default;
    PathTree& child(const std::string& name);

    std::vector<std::size_t> columns_;  // filled by this value
    std::vector<std::pair<std::string, std::unique_ptr<PathTree>>> children_;
    std::size_t next_ = 0;
};

}  // namespace tinybird_cdk::local::ingest
