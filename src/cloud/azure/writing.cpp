// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <future>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/azure/block_upload.hpp"
#include "cloud/azure/refusal.hpp"
#include "cloud/azure/store.hpp"

namespace tinybird_cdk::cloud::azure {

namespace {

/// How large the blocks of a body are.
class BlockSizes {
public:
    BlockSizes(const Options& options, std::optional<std::uint64_t> whole) : options_(options), whole_(whole) {}

    /// Of block `number`. Without a known end, sizes double at each fifth of the blocks that there may be: 2.4 TiB in
    /// all, while bodies of less than 78 GiB stay at the first size.
    [[nodiscard]] std::size_t at(std::size_t number) const {
        if (whole_) {
            const std::uint64_t least = (*whole_ + options_.most_blocks - 1) / options_.most_blocks;
            return std::max<std::size_t>(options_.block_bytes, least);
        }
        const std::size_t fifth = std::max<std::size_t>(options_.most_blocks / 5, 1);
        return options_.block_bytes << std::min<std::size_t>(number / fifth, 4);
    }

private:
    const Options& options_;
    const std::optional<std::uint64_t> whole_;
};

/// Reads blocks, and counts.
class BlockReader {
public:
    BlockReader(Body& body, const BlockSizes& sizes) : body_(body), sizes_(sizes) {}

    /// The next block. Shorter than the others at the end, then empty.
    std::string next(const std::stop_token& stop) {
        std::string block(sizes_.at(number_++), '\0');
        std::size_t filled = 0;
        while (!ended_ && filled < block.size()) {
            if (stop.stop_requested()) {
                throw errors::InterruptedError();
            }
            const std::size_t count = body_.read(std::span(block).subspan(filled));
            ended_ = count == 0;
            filled += count;
        }
        block.resize(filled);
        read_ += filled;
        if (ended_ && body_.size().value_or(read_) != read_) {
            throw errors::Error(fmt::format("the body of an upload ended at byte {} of {}", read_, *body_.size()));
        }
        return block;
    }

private:
    Body& body_;
    const BlockSizes& sizes_;
    std::size_t number_ = 0;
    std::uint64_t read_ = 0;
    bool ended_ = false;
};

/// One block is on its way while the next one is read.
class Sending {
public:
    Sending(BlockUpload& upload, const std::stop_token& stop)
        : upload_(upload), forward_(stop, [this] { ending_.request_stop(); }) {}
    ~Sending() { ending_.request_stop(); }
    Sending(const Sending&) = delete;
    Sending& operator=(const Sending&) = delete;

    void send(std::string block) {
        wait();
        under_way_ = std::async(std::launch::async, [this, number = sent_++, bytes = std::move(block)] {
            upload_.stage(number, bytes, ending_.get_token());
        });
    }
    void wait() {
        if (under_way_.valid()) {
            under_way_.get();
        }
    }
    [[nodiscard]] std::size_t sent() const noexcept { return sent_; }

private:
    BlockUpload& upload_;
    std::stop_source ending_;
    std::stop_callback<std::function<void()>> forward_;
    std::size_t sent_ = 0;
    std::future<void> under_way_;  // destroyed first, which waits for its end
};

}  // namespace

void Client::Store::put(std::string_view container, std::string_view blob, Body& body, const std::stop_token& stop) {
    bool in_doubt = false;
    write(container, blob, body, stop, in_doubt);
}

void Client::Store::write(std::string_view container, std::string_view blob, Body& body, const std::stop_token& stop,
                          bool& in_doubt) {
    const BlockSizes sizes(options_, body.size());
    BlockReader reader(body, sizes);
    std::string block = reader.next(stop);
    std::string next = block.size() < sizes.at(0) ? std::string() : reader.next(stop);
    if (next.empty()) {
        in_doubt = true;
        const http::Response response = requests_.send(Call{.method = "PUT",
                                                            .container = std::string(container),
                                                            .blob = std::string(blob),
                                                            .headers = {{"x-ms-blob-type", "BlockBlob"}},
                                                            .content = block,
                                                            .stop_where = Transport::Stop::between_tries},
                                                       stop);
        if (!succeeded(response)) {
            in_doubt = response.status >= 500;
            refuse(response, fmt::format("writing azure://{}/{}", container, blob));
        }
        return;
    }
    BlockUpload upload(requests_, std::string(container), std::string(blob));
    Sending sending(upload, stop);
    while (!block.empty()) {
        if (sending.sent() == options_.most_blocks) {
            throw errors::InvalidArgument(
                fmt::format("azure://{}/{} would need more than {} blocks", container, blob, options_.most_blocks),
                "Write it as several objects.");
        }
        sending.send(std::move(block));
        block = std::move(next);
        next = block.empty() ? std::string() : reader.next(stop);
    }
    sending.wait();
    try {
        upload.commit(sending.sent(), stop);
    } catch (...) {
        in_doubt = upload.in_doubt();
        throw;
    }
}

}  // namespace tinybird_cdk::cloud::azure
