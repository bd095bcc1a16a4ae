// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupt.hpp"

#include <chrono>
#include <csignal>

#include <pthread.h>
#include <unistd.h>

namespace tinybird_cdk::cli {

namespace {

/// Ends the waiter when the command is done.
constexpr int done_signal = SIGUSR1;
constexpr int exit_interrupted = 130;
/// A stop may arrive more than once without anybody's impatience: `timeout` signals its child and then the group that
/// the child is in, and a closed terminal is told by the shell and by the kernel. A second Ctrl-C takes a person
/// longer.
constexpr std::chrono::milliseconds one_stop{200};

/// As nohup has it: who asked for that wants the load to go on.
bool is_ignored(int signal) {
    struct sigaction action {};
    return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t caught_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (!is_ignored(SIGHUP)) {
        sigaddset(&signals, SIGHUP);
    }
    sigaddset(&signals, done_signal);
    return signals;
}

}  // namespace

Interrupt::Interrupt() : signals_(caught_signals()) {
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    // A reader of standard output that goes away (| head) shows as a failed write.
    std::signal(SIGPIPE, SIG_IGN);
    waiter_ = std::thread([this] { wait(); });
}

Interrupt::~Interrupt() {
    pthread_kill(waiter_.native_handle(), done_signal);
    waiter_.join();
}

void Interrupt::wait() {
    std::chrono::steady_clock::time_point first;
    while (true) {
        int signal = 0;
        if (sigwait(&signals_, &signal) != 0 || signal == done_signal) {
            return;
        }
        const auto now = std::chrono::steady_clock::now();
        if (source_.request_stop()) {
            first = now;
        } else if (signal == SIGINT && now - first > one_stop) {
            ::_exit(exit_interrupted);
        }
    }
}

void unblock_signals() {
    const sigset_t signals = caught_signals();
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_DFL);
}

}  // namespace tinybird_cdk::cli
