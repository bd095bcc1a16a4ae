// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tinybird_cdk::conformance {

/// A case file as it is written: sections in brackets, each with lines "key = value".
struct CaseSection {
    std::string kind;  ///< as in "type"
    std::string name;  ///< as in "smallint"; empty where a section has none
    struct Line {
        std::string key;
        std::string value;
        std::size_t number = 0;
    };
    std::vector<Line> lines;
    std::size_t number = 0;  ///< of its first line
};

/// Where a case file can't be understood. @throws errors::InvalidArgument
[[noreturn]] void refuse_case_line(std::string_view file, std::size_t number, const std::string& problem);

/// @param file its name, for messages. @throws errors::InvalidArgument naming the line of what is none of it
std::vector<CaseSection> case_sections(std::string_view text, std::string_view file);

}  // namespace tinybird_cdk::conformance
