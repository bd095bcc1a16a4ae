// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <stop_token>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace tinybird_cdk::mysql {

/// A descriptor that becomes readable when a token asks to stop: wakes a poll(2).
class StopEvent {
public:
    explicit StopEvent(const std::stop_token& stop) : on_stop_(stop, Signal{descriptor_.number}) {}
    [[nodiscard]] int descriptor() const noexcept { return descriptor_.number; }

private:
    struct Descriptor {
        Descriptor() : number(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
            if (number < 0) {
                throw std::system_error(errno, std::generic_category(), "eventfd");
            }
        }
        Descriptor(const Descriptor&) = delete;
        Descriptor& operator=(const Descriptor&) = delete;
        ~Descriptor() { ::close(number); }
        int number;
    };
    struct Signal {
        int descriptor;
        void operator()() const noexcept {
            // A full counter wakes the poll as well, so the result tells nothing.
            static_cast<void>(::eventfd_write(descriptor, 1));
        }
    };

    // In this order: the call-back is gone before the descriptor that it writes to is closed.
    Descriptor descriptor_;
    std::stop_callback<Signal> on_stop_;
};

}  // namespace tinybird_cdk::mysql
