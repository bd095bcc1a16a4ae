// SPDX-License-Identifier: Apache-2.0
#include "conformance/client_process.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::conformance {

namespace {

/// Both ends of a pipe, closed with the object.
class Pipe {
public:
    Pipe() {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0) {
            throw errors::Error(std::string("no pipe can be made: ") + std::strerror(errno));
        }
    }
    ~Pipe() {
        close(0);
        close(1);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    [[nodiscard]] int end(std::size_t which) const noexcept { return ends_[which]; }
    void close(std::size_t which) noexcept {
        if (ends_[which] >= 0) {
            ::close(std::exchange(ends_[which], -1));
        }
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

std::vector<std::string> variables_of(const Environment& environment) {
    std::vector<std::string> texts;
    if (environment.from_process()) {
        for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
            const std::string_view text(*variable);
            if (!environment.overrides().contains(text.substr(0, text.find('=')))) {
                texts.emplace_back(text);
            }
        }
    } else {
        texts.push_back("PATH=" + Environment::process().get("PATH").value_or("/usr/bin:/bin"));
    }
    for (const auto& [name, value] : environment.overrides()) {
        texts.push_back(name + "=" + value);
    }
    return texts;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// Writes the input while output comes, so that neither side waits for the other for ever.
struct Answer {
    std::string output;
    std::string errors;
};
Answer talk(Pipe& input, Pipe& output, Pipe& errors, std::string_view text) {
    Answer answer;
    ::fcntl(input.end(1), F_SETFL, O_NONBLOCK);
    std::array<char, 65536> block;
    while (output.end(0) >= 0 || errors.end(0) >= 0) {
        if (text.empty()) {
            input.close(1);
        }
        std::array<pollfd, 3> entries{pollfd{input.end(1), POLLOUT, 0}, pollfd{output.end(0), POLLIN, 0},
                                      pollfd{errors.end(0), POLLIN, 0}};
        if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) {
            break;
        }
        if (entries[0].revents != 0) {
            const ssize_t written = ::write(input.end(1), text.data(), text.size());
            if (written < 0 && errno != EAGAIN) {
                text = {};
            } else if (written > 0) {
                text.remove_prefix(static_cast<std::size_t>(written));
            }
        }
        for (std::size_t i : {std::size_t{1}, std::size_t{2}}) {
            if (entries[i].revents != 0) {
                Pipe& pipe = i == 1 ? output : errors;
                const ssize_t count = ::read(pipe.end(0), block.data(), block.size());
                if (count > 0) {
                    (i == 1 ? answer.output : answer.errors).append(block.data(), static_cast<std::size_t>(count));
                } else {
                    pipe.close(0);
                }
            }
        }
    }
    return answer;
}

}  // namespace

ClientProcess::ClientProcess(std::string command, std::vector<std::string> session, Environment environment)
    : command_(std::move(command)), session_(std::move(session)), environment_(std::move(environment)) {}

void ClientProcess::execute(const std::vector<std::string>& statements) {
    run(statements);
}

std::vector<std::string> ClientProcess::column(const std::string& query) {
    const std::string output = run({query});
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < output.size();) {
        const std::size_t end = std::min(output.find('\n', begin), output.size());
        lines.push_back(output.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

std::string ClientProcess::run(const std::vector<std::string>& statements) {
    std::string sql;
    for (const std::vector<std::string>* const list : {&session_, &statements}) {
        for (const std::string& statement : *list) {
            sql += statement + ";\n";
        }
    }
    Pipe input;
    Pipe output;
    Pipe errors;
    std::vector<std::string> words{"sh", "-c", command_};
    std::vector<std::string> variables = variables_of(environment_);
    const std::vector<char*> arguments = pointers_to(words);
    const std::vector<char*> environment = pointers_to(variables);
    // A client that ends early shows as a failed write.
    struct sigaction ignore {};
    struct sigaction before {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &before);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(input.end(0), STDIN_FILENO);
        ::dup2(output.end(1), STDOUT_FILENO);
        ::dup2(errors.end(1), STDERR_FILENO);
        ::execve("/bin/sh", arguments.data(), environment.data());
        ::_exit(127);
    }
    input.close(0);
    output.close(1);
    errors.close(1);
    if (child < 0) {
        throw errors::Error(std::string("the source's client can't be started: ") + std::strerror(errno));
    }
    Answer answer = talk(input, output, errors, sql);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ::sigaction(SIGPIPE, &before, nullptr);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        while (answer.errors.ends_with('\n')) {
            answer.errors.pop_back();
        }
        throw errors::Error(
            logger::mask("the source's client failed: " +
                         (answer.errors.empty() ? "it ended with status " + std::to_string(status) : answer.errors)),
            "The command is: " + command_);
    }
    return std::move(answer.output);
}

}  // namespace tinybird_cdk::conformance
