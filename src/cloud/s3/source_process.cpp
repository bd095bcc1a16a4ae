// SPDX-License-Identifier: Apache-2.0
/// credential_process (https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html).
#include <array>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/s3/sources.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

struct CloseProcess {
    void operator()(std::FILE* process) const noexcept { ::pclose(process); }
};

}  // namespace

Credentials from_process(const std::string& command) {
    // Not the command itself: AWS warns that it may hold secrets.
    constexpr std::string_view where = "the profile's credential_process";
    // It is a command line for a shell, as AWS's tools take it. What it prints to standard error is for the user.
    std::unique_ptr<std::FILE, CloseProcess> process(::popen(command.c_str(), "re"));
    if (!process) {
        throw errors::ExternalDatasourceError(fmt::format("{} can't be started", where));
    }
    std::string output;
    std::array<char, 4096> block{};
    while (const std::size_t count = std::fread(block.data(), 1, block.size(), process.get())) {
        output.append(block.data(), count);
    }
    if (const int status = ::pclose(process.release()); status != 0) {
        throw errors::ExternalDatasourceError(fmt::format("{} failed", where), {},
                                              "Run the command of that setting by hand to see why.");
    }
    return parse_credentials(output, "SessionToken", where);
}

}  // namespace tinybird_cdk::cloud::s3
