// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/file_descriptor.hpp"
#include "core/ids.hpp"
#include "core/text.hpp"
#include "local/chdb/library.hpp"
#include "local/options.hpp"
#include "local/private_file.hpp"
#include "local/server.hpp"

namespace tinybird_cdk::local {
namespace {

namespace fs = std::filesystem;

/// libchdb reads the host's standard input into INSERT … VALUES, so there must be nothing to read.
void close_standard_input() {
    const core::FileDescriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (nothing) {
        ::dup2(nothing.get(), STDIN_FILENO);
    }
}

/// A directory of this process alone, removed at the end.
class EphemeralDirectory {
public:
    EphemeralDirectory() {
        remove_stale();
        path_ = fs::temp_directory_path() / fmt::format("{}{}_{}", prefix, ::getpid(), core::random_hex(8));
        fs::create_directories(path_);
        fs::permissions(path_, fs::perms::owner_all);
    }
    EphemeralDirectory(const EphemeralDirectory&) = delete;
    EphemeralDirectory& operator=(const EphemeralDirectory&) = delete;
    ~EphemeralDirectory() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

private:
    static constexpr const char* prefix = "tb_cdk_local_";

    /// What a process that was killed could not remove.
    static void remove_stale() {
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator(fs::temp_directory_path(), ignored)) {
            const std::string name = entry.path().filename().string();
            if (!name.starts_with(prefix)) {
                continue;
            }
            const pid_t pid =
                std::atoi(name.c_str() + std::string_view(prefix).size());  // NOLINT(cert-err34-c): 0 is no pid
            if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) {
                fs::remove_all(entry.path(), ignored);
            }
        }
    }

    fs::path path_;
};

/// Held as long as the server uses the directory; the kernel lets go of it with the process.
core::FileDescriptor lock_directory(const fs::path& directory) {
    fs::create_directories(directory);
    core::FileDescriptor lock(::open((directory / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        throw errors::Error(fmt::format("{} is in use by another tb-cdk-local", directory.string()),
                            "Stop that server, or choose another --data-dir.");
    }
    return lock;
}

/// The token of a data directory is made once, so that clients keep working.
std::string kept_token(const fs::path& directory) {
    const fs::path file = directory / "token";
    std::string token;
    if (std::ifstream stream(file); stream >> token && !token.empty()) {
        return token;
    }
    token = "p." + core::random_hex(40);
    write_private_file(file, token);
    return token;
}

void write_ready_file(const fs::path& file, const Server& server) {
    write_private_file(
        file, nlohmann::json{{"endpoint", server.endpoint()}, {"token", server.token()}, {"pid", ::getpid()}}.dump());
}

void tell_ready(const Options& options, const Server& server) {
    if (!options.ready_file.empty()) {
        write_ready_file(options.ready_file, server);
    }
    if (options.print_env) {
        std::cout << fmt::format("export TB_CDK_ENDPOINT={}\nexport TB_CDK_TOKEN={}\nexport TB_CDK_TAG=local\n",
                                 server.endpoint(), server.token());
    } else if (!options.quiet) {
        std::cout << fmt::format(
            "Tinybird local is ready.\n  endpoint  {0}\n  token     {1}\n  data      {2}\n"
            // What follows a # stays in the browser.
            "  page      {0}/#token={3}\n",
            server.endpoint(), server.token(), options.ephemeral ? "ephemeral" : options.data_directory.string(),
            core::url_encode(server.token()));
    }
    std::cout.flush();
}

int serve(Options options) {
    if (options.parent_dies) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() == 1) {
            return 0;
        }
    }
    close_standard_input();
    // Standard output is for who reads the endpoint.
    logger::Options logging;
    logging.stream = logger::Stream::standard_error;
    logger::configure(logging);
    const fs::path library = chdb::find_library(options.library);
    std::optional<EphemeralDirectory> ephemeral;
    if (options.ephemeral) {
        ephemeral.emplace();
        options.data_directory = ephemeral->path();
    }
    options.data_directory = fs::absolute(options.data_directory);
    const core::FileDescriptor lock = lock_directory(options.data_directory);
    if (options.token.empty()) {
        options.token = kept_token(options.data_directory);
    }

    // Blocked in all threads before any is made, and waited for in one of its own: no work in a signal handler.
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    Server server(options, library);
    std::thread waiter([&] {
        int signal = 0;
        ::sigwait(&signals, &signal);
        server.stop();
    });
    tell_ready(options, server);
    server.run();
    // The server may have ended by itself; then the waiter still waits.
    // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread): blocked everywhere, and taken by sigwait
    ::pthread_kill(waiter.native_handle(), SIGTERM);
    waiter.join();
    return 0;
}

}  // namespace
}  // namespace tinybird_cdk::local

int main(int argc, char** argv) {
    using namespace tinybird_cdk;
    try {
        int exit_code = 0;
        auto options = local::parse_options(argc, argv, exit_code);
        return options ? local::serve(*std::move(options)) : exit_code;
    } catch (const errors::Error& error) {
        std::cerr << "error: " << error.what() << '\n';
        if (!error.hint().empty()) {
            std::cerr << "hint: " << error.hint() << '\n';
        }
        return static_cast<int>(error.exit_code());
    } catch (const std::exception& error) {
        std::cerr << "error: " << error.what() << '\n';
        return 1;
    }
}
