// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/logger.hpp>

#include <chrono>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "core/json.hpp"

namespace tinybird_cdk::logger {

namespace {

std::string_view name(Level level) noexcept {
    switch (level) {
        case Level::debug:
            return "DEBUG";
        case Level::info:
            return "INFO";
        case Level::warning:
            return "WARNING";
        case Level::error:
            return "ERROR";
        case Level::off:
            break;
    }
    return "";
}

spdlog::level::level_enum spdlog_level(Level level) noexcept {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warning:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
        case Level::off:
            break;
    }
    return spdlog::level::off;
}

/// 2026-11-24T10:11:12.345Z
std::string iso_now() {
    const auto now = std::chrono::system_clock::now();
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                       milliseconds);
}

/// A message must stay one line, for a line break inside could look like another message; and it must not speak to
/// the terminal that shows it. So control characters are written as escapes.
std::string one_line(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        if (c == '\n') {
            result += "\\n";
        } else if (c == '\r') {
            result += "\\r";
        } else if ((static_cast<unsigned char>(c) < 0x20U && c != '\t') || c == '\x7F') {
            fmt::format_to(std::back_inserter(result), "\\x{:02x}", static_cast<unsigned>(c));
        } else {
            result += c;
        }
    }
    return result;
}

class ProcessLogger {
public:
    /// Never destroyed, for destructors of static objects may still log.
    static ProcessLogger& instance() {
        static ProcessLogger& logger = *std::make_unique<ProcessLogger>().release();
        return logger;
    }

    ProcessLogger() { make(); }

    void configure(Options options) {
        const std::lock_guard lock(mutex_);
        options_ = std::move(options);
        make();
    }

    void log(Level level, std::string_view message) {
        const std::lock_guard lock(mutex_);
        if (level < options_.level) {
            return;
        }
        const std::string text = mask(message);
        const std::string tag = options_.tag.empty() ? default_tag() : options_.tag;
        if (options_.layout == Layout::json) {
            sink_->log(spdlog_level(level),
                       fmt::format(R"({{"time":"{}","tag":{},"level":"{}","message":{}}})", iso_now(),
                                   core::json_string(tag), name(level), core::json_string(text)));
        } else {
            sink_->log(spdlog_level(level),
                       fmt::format("[{}][{}][{}] {}", iso_now(), one_line(tag), name(level), one_line(text)));
        }
    }

private:
    static std::string default_tag() {
        const char* const tag = std::getenv("TB_CDK_TAG");  // NOLINT(concurrency-mt-unsafe)
        return tag != nullptr && *tag != '\0' ? tag : "-";
    }

    void make() {
        spdlog::sink_ptr target;
        if (options_.stream == Stream::standard_output) {
            target = std::make_shared<spdlog::sinks::stdout_sink_mt>();
        } else {
            target = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        }
        sink_ = std::make_unique<spdlog::logger>("tinybird_cdk", std::move(target));
        sink_->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
        sink_->set_level(spdlog::level::trace);
        sink_->flush_on(spdlog::level::trace);
    }

    std::mutex mutex_;
    Options options_;
    std::unique_ptr<spdlog::logger> sink_;
};

}  // namespace

void configure(Options options) {
    ProcessLogger::instance().configure(std::move(options));
}
void debug(std::string_view message) {
    ProcessLogger::instance().log(Level::debug, message);
}
void info(std::string_view message) {
    ProcessLogger::instance().log(Level::info, message);
}
void warning(std::string_view message) {
    ProcessLogger::instance().log(Level::warning, message);
}
void error(std::string_view message) {
    ProcessLogger::instance().log(Level::error, message);
}

}  // namespace tinybird_cdk::logger
