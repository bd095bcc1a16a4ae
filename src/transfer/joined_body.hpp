// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <tinybird_cdk/body.hpp>
#include <tinybird_cdk/cloud.hpp>

#include "transfer/csv_header.hpp"

namespace tinybird_cdk::transfer {

/// How objects become one.
struct JoinRules {
    bool lines = false;         ///< they are text: a line that has no end gets one, marks of UTF-8 are not doubled
    bool header_lines = false;  ///< each begins with the same line, which is kept once
    /// Header lines are looked for in each, and kept once.
    std::optional<CsvHeader> header = {};
    /// The columns are not known, so a first line that is the same as that of the first object may be a header or a
    /// row.
    bool refuse_equal_first_lines = false;
    /// What stands before the first object, none of which has a header line then: whole lines.
    std::string begin = {};
};

/// @throws errors::InvalidArgument always: compressed objects can't be looked into
[[noreturn]] void refuse_compressed(const std::string& uri);

/// Objects read one after the other, as one. Nothing of it is stored anywhere.
class JoinedBody final : public Body {
public:
    /// @param store must outlive this one
    JoinedBody(cloud::Client& store, std::string bucket, std::vector<cloud::Object> objects, JoinRules rules,
               std::stop_token stop);

    /// @throws errors::InvalidArgument when header lines contradict each other
    std::size_t read(std::span<char> into) override;
    bool rewind() override;
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }

private:
    bool open_next();
    void take_first_line(const std::string& key);

    cloud::Client& store_;
    const std::string bucket_;
    const std::vector<cloud::Object> objects_;
    const JoinRules rules_;
    const std::stop_token stop_;
    std::size_t begun_ = 0;  ///< bytes given of what stands before the first object
    std::size_t next_ = 0;
    std::unique_ptr<Body> body_;
    std::string pending_;  ///< read of the object, but not given yet
    std::size_t given_ = 0;
    bool any_ = false;           ///< an object that is not empty was opened
    bool line_is_open_ = false;  ///< the last byte given ends no line
    std::string first_line_;     ///< of the first object that is not empty
    bool first_is_header_ = false;
};

}  // namespace tinybird_cdk::transfer
