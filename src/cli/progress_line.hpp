// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <tinybird_cdk/connector.hpp>

namespace tinybird_cdk::cli {

/// One line on standard error that says how far a load is, drawn anew at most ten times a second and wiped at the end.
class ProgressLine {
public:
    /// @param shown false: nothing is ever drawn
    explicit ProgressLine(bool shown) : shown_(shown), begin_(std::chrono::steady_clock::now()) {}
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    ~ProgressLine() { clear(); }

    void update(const Progress& progress);
    void clear();
    [[nodiscard]] double seconds() const;

private:
    bool shown_;
    const std::chrono::steady_clock::time_point begin_;
    std::chrono::steady_clock::time_point last_drawn_{};
    bool drawn_ = false;
};

/// The text of the line. @param width of the terminal
std::string progress_text(const Progress& progress, double seconds, std::size_t width);

}  // namespace tinybird_cdk::cli
