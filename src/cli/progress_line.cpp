// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_line.hpp"

#include <algorithm>
#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/table_text.hpp"

namespace tinybird_cdk::cli {

namespace {

constexpr auto shortest_pause = std::chrono::milliseconds(100);

std::size_t terminal_width() {
    winsize size{};
    constexpr std::size_t usual = 80;
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

}  // namespace

std::string progress_text(const Progress& progress, double seconds, std::size_t width) {
    std::string text = fmt::format("{} · {} rows · {} · {}/s · {}", progress.stage, count_text(progress.rows),
                                   bytes_text(static_cast<double>(progress.bytes)),
                                   bytes_text(seconds > 0 ? static_cast<double>(progress.bytes) / seconds : 0),
                                   duration_text(seconds));
    if (progress.estimated_rows && *progress.estimated_rows > 0 && progress.rows > 0) {
        const double part =
            std::min(1.0, static_cast<double>(progress.rows) / static_cast<double>(*progress.estimated_rows));
        text += fmt::format(" · about {:.0f} %", part * 100);
        if (part < 1) {
            text += fmt::format(", {} left", duration_text(seconds / part * (1 - part)));
        }
    }
    // Cut between characters, one column before the edge, where some terminals wrap.
    while (!text.empty() && display_width(text) >= width) {
        do {
            text.pop_back();
        } while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U);
    }
    return text;
}

double ProgressLine::seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

void ProgressLine::update(const Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || (drawn_ && now - last_drawn_ < shortest_pause)) {
        return;
    }
    last_drawn_ = now;
    drawn_ = true;
    fmt::print(stderr, "\r\x1b[2K{}", progress_text(progress, seconds(), terminal_width()));
    std::fflush(stderr);
}

void ProgressLine::clear() {
    if (drawn_) {
        fmt::print(stderr, "\r\x1b[2K");
        std::fflush(stderr);
        drawn_ = false;
    }
}

}  // namespace tinybird_cdk::cli
