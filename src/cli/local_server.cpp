// SPDX-License-Identifier: Apache-2.0
#include "cli/local_server.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/value.hpp>

#include "cli/interrupt.hpp"

namespace tinybird_cdk::cli {

namespace {

namespace fs = std::filesystem;

constexpr auto start_limit = std::chrono::seconds(60);
constexpr auto stop_limit = std::chrono::seconds(20);
constexpr auto pause = std::chrono::milliseconds(10);

/// A directory for the ready file, removed again.
class ReadyDirectory {
public:
    ReadyDirectory() {
        std::string name = (fs::temp_directory_path() / "tb_cdk_ready_XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw errors::Error(fmt::format("can't make a directory in {}", fs::temp_directory_path().string()));
        }
        path_ = name;
    }
    ReadyDirectory(const ReadyDirectory&) = delete;
    ReadyDirectory& operator=(const ReadyDirectory&) = delete;
    ~ReadyDirectory() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] fs::path file() const { return path_ / "ready.json"; }

private:
    fs::path path_;
};

}  // namespace

std::string local_program() {
    std::error_code ignored;
    const fs::path beside = fs::read_symlink("/proc/self/exe", ignored).parent_path() / "tb-cdk-local";
    return fs::exists(beside, ignored) ? beside.string() : "tb-cdk-local";
}

LocalServer::LocalServer(const fs::path& directory, const std::stop_token& stop) {
    const ReadyDirectory ready;
    const std::string program = local_program();
    std::vector<std::string> arguments{
        program, "--port", "0", "--quiet", "--parent-dies", "--ready-file", ready.file().string()};
    if (directory.empty()) {
        arguments.emplace_back("--ephemeral");
    } else {
        arguments.insert(arguments.end(), {"--data-dir", directory.string()});
    }
    std::vector<char*> pointers;
    for (std::string& argument : arguments) {
        pointers.push_back(argument.data());
    }
    pointers.push_back(nullptr);

    child_ = ::fork();
    if (child_ < 0) {
        throw std::system_error(errno, std::generic_category(), "fork");
    }
    if (child_ == 0) {
        // A group of its own: Ctrl-C is for this program, which then ends the server in order.
        ::setpgid(0, 0);
        unblock_signals();
        ::execvp(pointers.front(), pointers.data());
        ::_exit(127);
    }
    try {
        wait_until_ready(ready.file(), stop);
    } catch (...) {
        end();
        throw;
    }
}

LocalServer::~LocalServer() {
    end();
}

void LocalServer::wait_until_ready(const fs::path& ready_file, const std::stop_token& stop) {
    const auto deadline = std::chrono::steady_clock::now() + start_limit;
    while (!fs::exists(ready_file)) {
        int status = 0;
        if (::waitpid(child_, &status, WNOHANG) == child_) {
            child_ = -1;
            const bool missing = WIFEXITED(status) && WEXITSTATUS(status) == 127;
            throw errors::Error(missing ? "the local Tinybird, tb-cdk-local, is not installed"
                                        : "the local Tinybird did not start: see its message above",
                                missing ? "Build it with TINYBIRD_CDK_LOCAL=ON, or use bin/cdk, which does." : "");
        }
        if (stop.stop_requested()) {
            throw errors::InterruptedError();
        }
        if (std::chrono::steady_clock::now() > deadline) {
            throw errors::Error("the local Tinybird did not get ready in time", "Try again; is the machine very busy?",
                                errors::ExitCode::temporary);
        }
        std::this_thread::sleep_for(pause);
    }
    std::ifstream stream(ready_file);
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    const Value ready = Value::from_json(text);
    endpoint_ = ready.at("endpoint").to_text();
    token_ = ready.at("token").to_text();
}

void LocalServer::end() noexcept {
    if (child_ <= 0) {
        return;
    }
    ::kill(child_, SIGTERM);
    const auto deadline = std::chrono::steady_clock::now() + stop_limit;
    while (::waitpid(child_, nullptr, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > deadline) {
            ::kill(child_, SIGKILL);
            ::waitpid(child_, nullptr, 0);
            break;
        }
        std::this_thread::sleep_for(pause);
    }
    child_ = -1;
}

}  // namespace tinybird_cdk::cli
