// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "cloud/gcs/api.hpp"

namespace tinybird_cdk::cloud::gcs {

/// An upload in parts (https://cloud.google.com/storage/docs/resumable-uploads). It is cancelled when it goes away
/// before its last part was taken. One thread at a time.
class ResumableUpload {
public:
    /// Begins it.
    ResumableUpload(Api& api, std::string_view bucket, std::string_view key, std::stop_token stop);
    ~ResumableUpload();
    ResumableUpload(const ResumableUpload&) = delete;
    ResumableUpload& operator=(const ResumableUpload&) = delete;

    /// Sends the next bytes; where the connection breaks, the store is asked how far it came, and is sent the rest.
    /// @param last whether the object ends there. @return then: the object
    std::optional<Resource> send(std::string_view bytes, bool last);

private:
    http::Response send_from(std::string_view bytes, bool last);
    http::Request request_of(std::string_view range) const;
    void ask_position();
    void take_position(const http::Response& answer);
    void cancel() noexcept;

    Api& api_;
    const std::string bucket_;
    const std::string what_;  ///< for messages
    const std::stop_token stop_;
    std::string url_;             ///< whoever knows it may upload: as good as a token
    std::uint64_t begin_ = 0;     ///< of the part in hand
    std::uint64_t position_ = 0;  ///< what the store has
    bool finished_ = false;
};

}  // namespace tinybird_cdk::cloud::gcs
