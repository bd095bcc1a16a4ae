// SPDX-License-Identifier: Apache-2.0
#include "cli/context.hpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::cli {

const Environment& Context::environment() {
    if (options_.local && !local_) {
        use_local(*options_.local);
    }
    return environment_;
}

void Context::use_local(const std::filesystem::path& directory) {
    local_ = std::make_unique<LocalServer>(directory, stop_);
    environment_ = environment_.with("TB_CDK_ENDPOINT", local_->endpoint())
                       .with("TB_CDK_TOKEN", local_->token())
                       .with("TB_CDK_TAG", environment_.get("TB_CDK_TAG").value_or("local"));
}

tinybird::Client& Context::tinybird() {
    if (!tinybird_) {
        tinybird_ = std::make_unique<tinybird::Client>(config::tinybird(environment()));
    }
    return *tinybird_;
}

void Context::set_up_logger(bool results_are_data) const {
    logger::Options log;
    log.level = options_.quiet ? logger::Level::warning : options_.verbose ? logger::Level::debug : logger::Level::info;
    log.stream = results_are_data ? logger::Stream::standard_error : logger::Stream::standard_output;
    log.layout = options_.log_format == "json" ? logger::Layout::json : logger::Layout::text;
    logger::configure(log);
}

bool Context::shows_progress() const {
    return !options_.quiet && !options_.no_progress && options_.log_format == "text" && ::isatty(STDERR_FILENO) == 1;
}

void Context::say(std::string_view text) const {
    if (!options_.quiet) {
        fmt::print(stderr, "{}\n", text);
    }
}

std::string Context::bold(std::string_view text) const {
    const char* const no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
    const bool plain = options_.no_color || (no_color != nullptr && *no_color != '\0') || ::isatty(STDOUT_FILENO) != 1;
    return plain ? std::string(text) : fmt::format("\x1b[1m{}\x1b[0m", text);
}

void print(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
        throw errors::Error("can't write to standard output");
    }
}

}  // namespace tinybird_cdk::cli
