// SPDX-License-Identifier: Apache-2.0
/// The Tinybird client alone: `client_bench events COUNT` sends events of 100 bytes in batches of 1,000, one request at
/// a time; `client_bench upload MEGABYTES` sends that much in one append. Configured by the usual variables.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/events.hpp>
#include <tinybird_cdk/tinybird.hpp>

namespace {

using namespace tinybird_cdk;

/// One block of bytes, again and again: large, and no larger in memory than it.
class RepeatedBody final : public Body {
public:
    explicit RepeatedBody(std::uint64_t size) : size_(size), block_(std::size_t{1} << 20, 'x') {
        for (std::size_t i = 99; i < block_.size(); i += 100) {
            block_[i] = '\n';
        }
    }
    std::size_t read(std::span<char> into) override {
        const std::uint64_t left = size_ - position_;
        const std::size_t offset = position_ % block_.size();
        const std::size_t count = static_cast<std::size_t>(
            std::min<std::uint64_t>({left, into.size(), static_cast<std::uint64_t>(block_.size() - offset)}));
        block_.copy(into.data(), count, offset);
        position_ += count;
        return count;
    }
    bool rewind() override {
        position_ = 0;
        return true;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }

private:
    const std::uint64_t size_;
    std::string block_;
    std::uint64_t position_ = 0;
};

int run(std::string_view what, std::uint64_t count) {
    tinybird::Client client(config::tinybird());
    if (what == "upload") {
        RepeatedBody body(count * 1'000'000);
        client.append(body, "bench");
        return 0;
    }
    tinybird::EventsOptions options;
    options.batch_events = 1000;
    options.requests_in_flight = 1;
    tinybird::EventsWriter writer(client, "bench", options);
    const std::string event = R"({"name":")" + std::string(88, 'x') + "\"}";
    for (std::uint64_t i = 0; i < count; ++i) {
        writer.append(event);
    }
    return writer.close().acknowledged == count ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 3) {
            std::cerr << "usage: client_bench events|upload COUNT\n";
            return 1;
        }
        return run(argv[1], std::strtoull(argv[2], nullptr, 10));
    } catch (const errors::Error& error) {
        std::cerr << error.what() << '\n';
        return static_cast<int>(error.exit_code());
    }
}
