// SPDX-License-Identifier: Apache-2.0
#include "local/events/zstd_body.hpp"

#include <array>
#include <new>

#include <zstd.h>

#include <fmt/format.h>

#include "local/answers.hpp"

namespace tinybird_cdk::local {

namespace {

/// 8 MB, what RFC 8878 §3.1.1.1.2 asks of a decoder. A frame may ask for more memory than its bytes are worth.
constexpr int largest_window_log = 23;
constexpr std::size_t piece_size = 64U << 10U;

}  // namespace

class ZstdBody::State {
public:
    State() : stream_(ZSTD_createDStream()) {
        if (!stream_) {
            throw std::bad_alloc();
        }
        ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, largest_window_log);
    }
    [[nodiscard]] ZSTD_DStream* get() const noexcept { return stream_.get(); }

private:
    struct Close {
        void operator()(ZSTD_DStream* stream) const noexcept { ZSTD_freeDStream(stream); }
    };
    std::unique_ptr<ZSTD_DStream, Close> stream_;
};

ZstdBody::ZstdBody(std::function<void(std::string_view)> sink)
    : sink_(std::move(sink)), state_(std::make_unique<State>()) {}
ZstdBody::~ZstdBody() = default;

void ZstdBody::write(std::string_view data) {
    ZSTD_inBuffer input{data.data(), data.size(), 0};
    std::array<char, piece_size> piece{};
    bool full = false;
    // A full piece may have more behind it even when all input is taken.
    while (input.pos < input.size || full) {
        ZSTD_outBuffer output{piece.data(), piece.size(), 0};
        const std::size_t hint = ZSTD_decompressStream(state_->get(), &output, &input);
        if (ZSTD_isError(hint) != 0) {
            throw Refusal(400, fmt::format("the body is no zstd: {}", ZSTD_getErrorName(hint)));
        }
        in_frame_ = hint != 0;
        full = in_frame_ && output.pos == output.size;
        if (output.pos > 0) {
            sink_({piece.data(), output.pos});
        }
    }
}

void ZstdBody::finish() const {
    if (in_frame_) {
        throw Refusal(400, "the zstd body is not complete");
    }
}

}  // namespace tinybird_cdk::local
