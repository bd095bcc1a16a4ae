// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud.hpp>

#include "cloud/s3/caller.hpp"

namespace tinybird_cdk::cloud::s3 {

/// Bytes of an object that is there already.
struct CopySource {
    std::string bucket;
    std::string key;
    std::string etag;  ///< the object must still have it
    std::uint64_t from = 0;
    std::uint64_t length = 0;
    bool whole = false;  ///< the range is all of the object
};

/// A multipart upload. Unless it is completed, it is aborted: nothing of it stays in the store, where it would cost
/// money without being seen.
class Multipart {
public:
    /// @param caller outlives it. @throws what the store says
    Multipart(Caller& caller, std::string bucket, std::string key, std::stop_token stop);
    Multipart(const Multipart&) = delete;
    Multipart& operator=(const Multipart&) = delete;
    ~Multipart() = default;

    void add(std::string_view bytes);
    void add(const CopySource& source);
    void complete();
    /// To be called on each way out without complete(), also when that threw.
    /// @return what is left, why, and what to do; empty: nothing
    std::string abort();

    [[nodiscard]] std::size_t parts() const noexcept { return etags_.size(); }

private:
    [[nodiscard]] Call part_call() const;
    /// Whether the object that is there is this upload.
    [[nodiscard]] bool was_completed(const std::stop_token& stop);

    Caller& caller_;
    const std::string bucket_;
    const std::string key_;
    const std::stop_token stop_;
    const std::string mark_;  ///< drawn for this upload, kept with the object
    std::string upload_;
    std::vector<std::string> etags_;
};

/// Runs `fill` on a new upload and completes it. Whatever it throws is thrown on when the upload is aborted; if that
/// fails the message says what is left.
template <class Fill>
void with_multipart(Caller& caller, const std::string& bucket, const std::string& key, const std::stop_token& stop,
                    Fill&& fill);

/// What with_multipart() throws in the place of an error behind which an upload is left.
[[noreturn]] void rethrow_with(const std::string& left);

template <class Fill>
void with_multipart(Caller& caller, const std::string& bucket, const std::string& key, const std::stop_token& stop,
                    Fill&& fill) {
    Multipart upload(caller, bucket, key, stop);
    try {
        fill(upload);
        upload.complete();
    } catch (...) {
        const std::string left = upload.abort();
        if (left.empty()) {
            throw;
        }
        rethrow_with(left);
    }
}

}  // namespace tinybird_cdk::cloud::s3
