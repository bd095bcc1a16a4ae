// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <thread>

#include <signal.h>

namespace tinybird_cdk::cli {

/// Turns SIGINT, SIGTERM and SIGHUP (a terminal that is closed) into a stop request; a SIGINT that comes later than
/// that ends the process at once. To be made before any other thread, for it blocks the signals in all that come after
/// it.
class Interrupt {
public:
    Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    ~Interrupt();

    [[nodiscard]] std::stop_token token() const noexcept { return source_.get_token(); }

private:
    void wait();

    sigset_t signals_{};
    std::stop_source source_;
    std::thread waiter_;
};

/// For a child: signals as they were before.
void unblock_signals();

}  // namespace tinybird_cdk::cli
