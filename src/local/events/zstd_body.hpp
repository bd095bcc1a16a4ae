// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace tinybird_cdk::local {

/// Unpacks zstd frames that come in pieces.
class ZstdBody {
public:
    explicit ZstdBody(std::function<void(std::string_view)> sink);
    ~ZstdBody();
    ZstdBody(const ZstdBody&) = delete;
    ZstdBody& operator=(const ZstdBody&) = delete;

    /// @throws Refusal 400 for what is no zstd, or needs more than 8 MB of memory to unpack
    void write(std::string_view data);
    /// @throws Refusal 400 when the last frame is not complete
    void finish() const;

private:
    class State;
    const std::function<void(std::string_view)> sink_;
    std::unique_ptr<State> state_;
    bool in_frame_ = false;
};

}  // namespace tinybird_cdk::local
