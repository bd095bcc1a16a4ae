// SPDX-License-Identifier: Apache-2.0
#include "local/gunzip.hpp"

#include <array>
#include <new>

#include <fmt/format.h>
#include <zlib.h>

#include "core/text.hpp"
#include "local/answers.hpp"

namespace tinybird_cdk::local {

class Gunzip::Stream {
public:
    Stream() {
        constexpr int window_bits = 15 + 16;
        if (inflateInit2(&state_, window_bits) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { inflateEnd(&state_); }

    void write(std::string_view packed, const std::function<void(std::string_view)>& sink) {
        std::array<char, 64 * 1024> block;
        state_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
        state_.avail_in = static_cast<uInt>(packed.size());
        do {
            if (ended_) {
                inflateReset(&state_);
                ended_ = false;
            }
            state_.next_out = reinterpret_cast<Bytef*>(block.data());
            state_.avail_out = static_cast<uInt>(block.size());
            const int result = inflate(&state_, Z_NO_FLUSH);
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
                throw Refusal(400, "the file is no gzip, or it is damaged");
            }
            ended_ = result == Z_STREAM_END;
            sink({block.data(), block.size() - state_.avail_out});
        } while (state_.avail_in > 0 || state_.avail_out == 0);
    }
    [[nodiscard]] bool ended() const noexcept { return ended_; }

private:
    z_stream state_{};
    bool ended_ = false;
};

Gunzip::Gunzip() : stream_(std::make_unique<Stream>()) {}
Gunzip::~Gunzip() = default;

void Gunzip::write(std::string_view packed, const std::function<void(std::string_view)>& sink) {
    stream_->write(packed, sink);
}

void Gunzip::finish(const std::string& name) const {
    if (!stream_->ended()) {
        throw Refusal(400, fmt::format("{} ends in the middle of its gzip", name));
    }
}

FileBytes::FileBytes(std::string name, std::function<void(std::string_view)> sink)
    : name_(std::move(name)), sink_(std::move(sink)) {}

void FileBytes::write(std::string_view bytes) {
    if (bytes.empty()) {
        return;
    }
    // Servers and clients may have unpacked it on the way.
    constexpr char first_byte_of_gzip = '\x1f';
    if (!begun_ && core::to_lower(name_).ends_with(".gz") && bytes.front() == first_byte_of_gzip) {
        gunzip_ = std::make_unique<Gunzip>();
    }
    begun_ = true;
    if (gunzip_) {
        gunzip_->write(bytes, sink_);
    } else {
        sink_(bytes);
    }
}

void FileBytes::finish() const {
    if (gunzip_) {
        gunzip_->finish(name_);
    }
}

}  // namespace tinybird_cdk::local
