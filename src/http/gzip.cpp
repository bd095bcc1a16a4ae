// SPDX-License-Identifier: Apache-2.0
#include "http/gzip.hpp"

#include <algorithm>
#include <limits>
#include <new>

#include <zlib.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::http {

namespace {
constexpr int fastest = 1;
/// The largest window, and a gzip header and trailer around the data (zlib.h, deflateInit2).
constexpr int window_bits = 15 + 16;
constexpr int usual_memory = 8;
constexpr std::size_t input_bytes = std::size_t{256} * 1024;
}  // namespace

/// Owns zlib's state. Not movable, for zlib keeps a pointer back to it.
class GzipBody::Stream {
public:
    Stream() {
        if (deflateInit2(&state_, fastest, Z_DEFLATED, window_bits, usual_memory, Z_DEFAULT_STRATEGY) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { deflateEnd(&state_); }

    void reset() { deflateReset(&state_); }
    [[nodiscard]] bool needs_input() const { return state_.avail_in == 0; }
    void set_input(std::string_view bytes) {
        // zlib does not write to its input, but its pointer is not const (unless ZLIB_CONST is set).
        state_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        state_.avail_in = static_cast<uInt>(bytes.size());
    }
    /// @return how much of `into` was filled; less than all of it: the input is used up, or the end was written
    std::size_t deflate_into(std::span<char> into, bool finish, bool& ended) {
        const auto room = static_cast<uInt>(std::min<std::size_t>(into.size(), std::numeric_limits<uInt>::max()));
        state_.next_out = reinterpret_cast<Bytef*>(into.data());
        state_.avail_out = room;
        const int result = deflate(&state_, finish ? Z_FINISH : Z_NO_FLUSH);
        if (result == Z_STREAM_ERROR) {
            throw errors::Error("zlib is in a state that can't be");
        }
        ended = result == Z_STREAM_END;
        return room - state_.avail_out;
    }

private:
    z_stream state_{};
};

GzipBody::GzipBody(Body& inner) : inner_(inner), stream_(std::make_unique<Stream>()), input_(input_bytes) {}
GzipBody::~GzipBody() = default;

std::size_t GzipBody::read(std::span<char> into) {
    std::size_t filled = 0;
    while (filled == 0 && !ended_) {
        if (stream_->needs_input() && !inner_ended_) {
            const std::size_t count = inner_.read(input_);
            inner_ended_ = count == 0;
            stream_->set_input({input_.data(), count});
        }
        filled = stream_->deflate_into(into, inner_ended_, ended_);
    }
    return filled;
}

bool GzipBody::rewind() {
    stream_->reset();
    stream_->set_input({});
    inner_ended_ = false;
    ended_ = false;
    return inner_.rewind();
}

std::string gzip(std::string_view bytes) {
    const auto plain = body_of(bytes);
    GzipBody packed(*plain);
    std::string result(bytes.size() / 4 + 1024, '\0');
    std::size_t size = 0;
    while (const std::size_t count = packed.read(std::span(result).subspan(size))) {
        size += count;
        if (size == result.size()) {
            result.resize(result.size() * 2);
        }
    }
    result.resize(size);
    return result;
}

std::uint64_t expanded_size(std::string_view bytes) {
    z_stream state{};
    if (inflateInit2(&state, window_bits) != Z_OK) {
        throw std::bad_alloc();
    }
    // zlib does not write to its input, see above.
    state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    state.avail_in = static_cast<uInt>(std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max()));
    std::vector<char> out(input_bytes);
    std::uint64_t size = 0;
    int result = Z_OK;
    while (result == Z_OK && state.avail_in > 0) {
        state.next_out = reinterpret_cast<Bytef*>(out.data());
        state.avail_out = static_cast<uInt>(out.size());
        result = inflate(&state, Z_NO_FLUSH);
        size += out.size() - state.avail_out;
        // A gzip file may have several members, one behind the other.
        if (result == Z_STREAM_END && state.avail_in > 0) {
            result = inflateReset(&state);
        }
    }
    inflateEnd(&state);
    return size;
}

}  // namespace tinybird_cdk::http
