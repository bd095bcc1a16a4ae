// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <httplib.h>

namespace tinybird_cdk::local {

/// httplib's server with an end to everything: so many connections and no more, so long for the head of a request and
/// no longer. Those beyond are told at once, where httplib would let them wait without a word.
class BoundedServer final : public httplib::Server {
public:
    explicit BoundedServer(std::size_t most_connections);

    /// To be called when it is bound: httplib lets five clients knock at once, and the kernel makes others wait a
    /// second.
    void widen_backlog() { ::listen(svr_sock_, 512); }
    /// Called on a connection's thread when it is closed.
    void set_after_connection(std::function<void()> call) { after_connection_ = std::move(call); }
    [[nodiscard]] std::size_t open_connections() const noexcept { return open_; }

private:
    class Workers;
    bool process_and_close_socket(socket_t socket) override;
    bool wait_for_request(socket_t socket) const;

    std::function<void()> after_connection_ = [] {};
    const std::size_t most_connections_;
    std::atomic<std::size_t> open_ = 0;
};

}  // namespace tinybird_cdk::local
