// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud.hpp>

/// Amazon S3, and what speaks its protocol.
namespace tinybird_cdk::cloud::s3 {

/// The limits are S3's (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html), in bytes; other values are
/// for stores that have others.
struct Options : ClientOptions {
    /// Of an upload that does not fit into one request. That much is kept in memory, more for bodies beyond 16 GB, for
    /// an upload has 10,000 parts at most.
    std::uint64_t part_size = 16ULL << 20U;
    std::uint64_t smallest_part = 5ULL << 20U;  ///< of an upload, but for its last part
    std::uint64_t largest_copy = 5ULL << 30U;   ///< what one request copies
    std::size_t most_parts = 10'000;            ///< of one upload
};

/// Reads the variables and files that AWS's own tools read, as docs/cloud/s3.md lists them. Credentials are looked for
/// at the first request, and anew before they expire.
class Client final : public cloud::Client {
public:
    /// @throws errors::InvalidArgument for a variable or a file that means nothing
    explicit Client(const Environment& environment = Environment::process(), Options options = {});
    ~Client() override;

protected:
    [[nodiscard]] std::string uri_(std::string_view bucket, std::string_view key) const override;
    std::vector<Object> list_(std::string_view bucket, std::string_view prefix, const std::stop_token& stop) override;
    std::string public_url_(std::string_view bucket, std::string_view key, std::chrono::seconds expires) override;
    void rm_(std::string_view bucket, std::string_view key, const std::stop_token& stop) override;
    std::vector<std::string> rm_all_(std::string_view bucket, const std::vector<std::string>& keys,
                                     const std::stop_token& stop) override;
    void join_(std::string_view bucket, const std::vector<Object>& parts, std::string_view target,
               const CatOptions& options) override;
    void put_(std::string_view bucket, std::string_view key, Body& body, const std::stop_token& stop) override;
    std::unique_ptr<Body> get_(std::string_view bucket, std::string_view key, const std::stop_token& stop) override;
    std::optional<Object> stat_(std::string_view bucket, std::string_view key, const std::stop_token& stop) override;

private:
    struct State;
    const std::unique_ptr<State> state_;
};

}  // namespace tinybird_cdk::cloud::s3
