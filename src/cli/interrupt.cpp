// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupt.hpp"

#include <csignal>

#include <pthread.h>
#include <unistd.h>

namespace tinybird_cdk::cli {

namespace {

/// Ends the waiter when the command is done.
constexpr int done_signal = SIGUSR1;
constexpr int exit_interrupted = 130;

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
    while (true) {
        int signal = 0;
        if (sigwait(&signals_, &signal) != 0 || signal == done_signal) {
            return;
        }
        // A terminal that is closed may say so twice, the shell and the kernel each: that is no impatience.
        if (!source_.request_stop() && signal != SIGHUP) {
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
