// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace tinybird_cdk::local {

/// Unpacks gzip that comes in pieces, all its members. cpp-httplib takes one that is cut for a whole one.
class GzipBody {
public:
    explicit GzipBody(std::function<void(std::string_view)> sink);
    ~GzipBody();
    GzipBody(const GzipBody&) = delete;
    GzipBody& operator=(const GzipBody&) = delete;

    /// @throws Refusal 400 for what is no gzip
    void write(std::string_view data);
    /// @throws Refusal 400 when it is not complete
    void finish() const;

private:
    class State;
    const std::function<void(std::string_view)> sink_;
    std::unique_ptr<State> state_;
    bool in_member_ = false;
};

}  // namespace tinybird_cdk::local
