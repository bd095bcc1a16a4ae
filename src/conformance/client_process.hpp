// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/conformance/subject.hpp>

namespace tinybird_cdk::conformance {

/// Runs statements with the source's own client: a command that reads SQL on standard input, a statement ends with a
/// semicolon, and rows come out one per line.
class ClientProcess final : public Statements {
public:
    /// @param command for a shell, so that it can use variables
    /// @param session statements that begin each run
    ClientProcess(std::string command, std::vector<std::string> session, Environment environment);

    /// @throws errors::Error with what the command printed, when it does not end with 0
    void execute(const std::vector<std::string>& statements) override;
    std::vector<std::string> column(const std::string& query) override;

private:
    std::string run(const std::vector<std::string>& statements);

    const std::string command_;
    const std::vector<std::string> session_;
    const Environment environment_;
};

}  // namespace tinybird_cdk::conformance
