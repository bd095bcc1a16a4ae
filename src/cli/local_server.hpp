// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include <sys/types.h>

namespace tinybird_cdk::cli {

/// `tb-cdk-local` as a child process, for as long as the object lives. The child ends with its parent, whatever ends
/// it.
class LocalServer {
public:
    /// @param directory where data is kept; empty: nowhere
    /// @throws errors::Error when the program is not there or does not get ready
    LocalServer(const std::filesystem::path& directory, const std::stop_token& stop);
    LocalServer(const LocalServer&) = delete;
    LocalServer& operator=(const LocalServer&) = delete;
    ~LocalServer();

    [[nodiscard]] const std::string& endpoint() const noexcept { return endpoint_; }
    [[nodiscard]] const std::string& token() const noexcept { return token_; }

private:
    void wait_until_ready(const std::filesystem::path& ready_file, const std::stop_token& stop);
    void end() noexcept;

    pid_t child_ = -1;
    std::string endpoint_;
    std::string token_;
};

/// Where the program is: beside this one, else what PATH finds.
std::string local_program();

}  // namespace tinybird_cdk::cli
