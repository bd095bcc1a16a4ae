// SPDX-License-Identifier: Apache-2.0
#include "conformance/caught_output.hpp"

#include <array>
#include <cstdio>
#include <iostream>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::conformance {

namespace {

void flush() {
    std::cout.flush();
    std::fflush(stdout);
    std::fflush(stderr);
}

}  // namespace

CaughtOutput::CaughtOutput(bool active) {
    if (!active) {
        return;
    }
    flush();
    memory_ = ::memfd_create("tinybird_cdk_output", MFD_CLOEXEC);
    output_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    error_ = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (memory_ < 0 || output_ < 0 || error_ < 0 || ::dup2(memory_, STDOUT_FILENO) < 0 ||
        ::dup2(memory_, STDERR_FILENO) < 0) {
        throw errors::Error("the output of the process can't be caught", "Run with catch_output = false.");
    }
}

CaughtOutput::~CaughtOutput() {
    if (!active()) {
        return;
    }
    flush();
    ::dup2(output_, STDOUT_FILENO);
    ::dup2(error_, STDERR_FILENO);
    ::close(output_);
    ::close(error_);
    ::close(memory_);
}

std::string CaughtOutput::text() const {
    std::string text;
    if (!active()) {
        return text;
    }
    flush();
    std::array<char, 16384> block{};
    ssize_t count = 0;
    while ((count = ::pread(memory_, block.data(), block.size(), static_cast<off_t>(text.size()))) > 0) {
        text.append(block.data(), static_cast<std::size_t>(count));
    }
    return text;
}

}  // namespace tinybird_cdk::conformance
