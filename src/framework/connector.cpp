// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/connector.hpp>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/file_descriptor.hpp"
#include "core/ids.hpp"
#include "framework/guard.hpp"

namespace tinybird_cdk {

namespace {

/// mkstemps(3) makes the file with mode 0600 and a name that did not exist.
std::filesystem::path make_tempfile(std::string_view extension) {
    const std::filesystem::path directory = std::filesystem::temp_directory_path();
    const std::string suffix = fmt::format(".{}", extension);
    std::string path = (directory / ("tinybird_cdk_XXXXXX" + suffix)).string();
    const core::FileDescriptor file(::mkostemps(path.data(), static_cast<int>(suffix.size()), O_CLOEXEC));
    if (!file) {
        throw std::system_error(errno, std::generic_category(),
                                fmt::format("can't make a temporary file in {}", directory.string()));
    }
    return path;
}

}  // namespace

Connector::Connector(Environment environment) : environment_(std::move(environment)) {}

Connector::~Connector() = default;

tinybird::Client& Connector::tb() {
    if (!tb_) {
        tb_ = std::make_unique<tinybird::Client>(config::tinybird(environment_));
    }
    return *tb_;
}

ResultSet Connector::query_tb(std::string_view sql, std::string_view pipe) {
    return framework::guard([&] { return tb().query(sql, {.pipe = std::string(pipe), .stop = {}}); });
}

Value Connector::query_tb_scalar(std::string_view sql, std::string_view pipe) {
    return scalar(query_tb(sql, pipe));
}

std::string Connector::random_dirname() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    return fmt::format("tinybird_cdk_{:%Y%m%dT%H%M%S}_{}", fmt::gmtime(now), core::random_hex(12));
}

std::filesystem::path Connector::text_tempfile(std::string_view extension) {
    return framework::guard([&] { return make_tempfile(extension); });
}

std::filesystem::path Connector::binary_tempfile(std::string_view extension) {
    return text_tempfile(extension);
}

void Connector::log_and_rethrow() {
    try {
        throw;
    } catch (const errors::Error& error) {
        if (framework::first_log_of_current_exception()) {
            logger::error(error.what());
        }
        throw;
    } catch (...) {
        framework::wrap_foreign();
    }
}

}  // namespace tinybird_cdk
