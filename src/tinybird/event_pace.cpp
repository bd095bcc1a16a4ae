// SPDX-License-Identifier: Apache-2.0
#include "tinybird/event_pace.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::tinybird {

double EventPace::Bucket::take(double count) {
    if (per_second <= 0) {
        return 0;
    }
    tokens -= count;
    return tokens < 0 ? -tokens / per_second : 0;
}

void EventPace::Bucket::fill(double seconds) {
    tokens = std::min(tokens + seconds * per_second, per_second);
}

EventPace::EventPace(const Limits& limits, std::shared_ptr<Clock> clock) : clock_(std::move(clock)) {
    requests_.per_second = static_cast<double>(limits.event_requests_per_second);
    bytes_.per_second = static_cast<double>(limits.event_bytes_per_second);
    requests_.tokens = requests_.per_second;
    bytes_.tokens = bytes_.per_second;
    filled_at_ = clock_->now();
}

void EventPace::wait(std::size_t bytes, const std::stop_token& stop) {
    double seconds = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto now = clock_->now();
        const double passed = std::chrono::duration<double>(now - filled_at_).count();
        filled_at_ = now;
        requests_.fill(passed);
        bytes_.fill(passed);
        seconds = std::max(requests_.take(1), bytes_.take(static_cast<double>(bytes)));
    }
    const std::chrono::milliseconds pause(std::llround(std::ceil(seconds * 1000)));
    if (pause.count() > 0 && !clock_->sleep(pause, stop)) {
        throw errors::InterruptedError();
    }
}

}  // namespace tinybird_cdk::tinybird
