// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/azure/requests.hpp"

namespace tinybird_cdk::cloud::azure {

/// A blob that is written block by block and can't be seen before commit(). Blocks of one upload may be sent side by
/// side, each number once.
class BlockUpload {
public:
    BlockUpload(Requests& requests, std::string container, std::string blob);

    /// Put Block. @param number from 0
    void stage(std::size_t number, std::string_view bytes, const std::stop_token& stop);
    /// Put Block From URL. @param source gives URL, range and condition anew for each try, for the URL is signed
    /// @return the answer, which may be a refusal
    http::Response stage_from(std::size_t number, const std::function<Pairs()>& source, const std::stop_token& stop);
    /// Makes blocks 0 to count - 1 the blob. @throws errors::Error; whether that was done is not known when it is
    /// `in_doubt()`
    void commit(std::size_t count, const std::stop_token& stop);
    /// A commit was sent and not refused.
    [[nodiscard]] bool in_doubt() const noexcept { return in_doubt_; }

private:
    [[nodiscard]] std::string id_of(std::size_t number) const;
    [[nodiscard]] Call call(Pairs parameters) const;
    [[nodiscard]] std::string what() const;

    Requests& requests_;
    const std::string container_;
    const std::string blob_;
    const std::string name_;  ///< of this upload: blocks of another one to the same blob are never taken for its own
    bool in_doubt_ = false;
};

}  // namespace tinybird_cdk::cloud::azure
