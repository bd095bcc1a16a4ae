// SPDX-License-Identifier: Apache-2.0
#include "local/gzip_body.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include <zlib.h>

#include "local/answers.hpp"

namespace tinybird_cdk::local {

namespace {

constexpr std::size_t piece_size = 64U << 10U;
constexpr int gzip_only = 16;

}  // namespace

class GzipBody::State {
public:
    State() {
        if (::inflateInit2(&stream, MAX_WBITS + gzip_only) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { ::inflateEnd(&stream); }

    z_stream stream{};
};

GzipBody::GzipBody(std::function<void(std::string_view)> sink)
    : sink_(std::move(sink)), state_(std::make_unique<State>()) {}
GzipBody::~GzipBody() = default;

void GzipBody::write(std::string_view data) {
    z_stream& stream = state_->stream;
    std::array<char, piece_size> piece{};
    while (!data.empty()) {
        const std::size_t size = std::min<std::size_t>(data.size(), std::numeric_limits<uInt>::max());
        // zlib's interface has no const here.
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
        stream.avail_in = static_cast<uInt>(size);
        bool full = false;
        while (stream.avail_in > 0 || full) {
            stream.next_out = reinterpret_cast<Bytef*>(piece.data());
            stream.avail_out = static_cast<uInt>(piece.size());
            const int result = ::inflate(&stream, Z_NO_FLUSH);
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
                throw Refusal(400, "the body is no gzip, though its Content-Encoding says so");
            }
            in_member_ = result != Z_STREAM_END;
            full = in_member_ && stream.avail_out == 0;
            if (const std::size_t unpacked = piece.size() - stream.avail_out; unpacked > 0) {
                sink_({piece.data(), unpacked});
            }
            if (result == Z_STREAM_END) {
                ::inflateReset(&stream);
            } else if (result == Z_BUF_ERROR) {
                break;
            }
        }
        data.remove_prefix(size);
    }
}

void GzipBody::finish() const {
    if (in_member_) {
        throw Refusal(400, "the gzip body is not complete: nothing was stored");
    }
}

}  // namespace tinybird_cdk::local
