// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tinybird_cdk/conformance/subject.hpp>

namespace tinybird_cdk::conformance {

/// A subject as a text file says it, with what is made to run it: a directory, a client of the source. Both go with
/// the object, so it must outlive the run. The notation: docs/conformance.md.
class CaseFile {
public:
    /// @param name of the file, for messages
    /// @param connector instead of the one that the file names; may be empty
    /// @throws errors::InvalidArgument naming file and line of what can't be understood
    CaseFile(std::string_view text, std::string_view name, const Environment& environment,
             std::string_view connector = {});
    ~CaseFile();
    CaseFile(const CaseFile&) = delete;
    CaseFile& operator=(const CaseFile&) = delete;

    /// To be changed as wanted before the run.
    [[nodiscard]] Subject& subject() noexcept { return subject_; }

private:
    class Directory;
    std::unique_ptr<Directory> directory_;
    Subject subject_;
};

/// The case file that a built-in connector brings along; nothing when it has none.
std::optional<std::string_view> built_in_cases(std::string_view connector) noexcept;

}  // namespace tinybird_cdk::conformance
