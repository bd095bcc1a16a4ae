// SPDX-License-Identifier: Apache-2.0
#include "tinybird/multipart_body.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "core/ids.hpp"

namespace tinybird_cdk::tinybird {

// 128 random bits, so that the boundary can't occur in the data.
MultipartBody::MultipartBody(Body& inner, std::string_view part, std::string_view file, std::string_view content_type)
    : inner_(inner),
      boundary_("tinybird-cdk-" + core::random_hex(32)),
      head_(fmt::format(
          "--{}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n", boundary_,
          part, file, content_type)),
      tail_(fmt::format("\r\n--{}--\r\n", boundary_)) {}

std::string MultipartBody::content_type() const {
    return "multipart/form-data; boundary=" + boundary_;
}

std::size_t MultipartBody::copy(std::string_view text, std::span<char> into, Stage next) {
    const std::size_t count = std::min(into.size(), text.size() - position_);
    std::memcpy(into.data(), text.data() + position_, count);
    position_ += count;
    if (position_ == text.size()) {
        stage_ = next;
        position_ = 0;
    }
    return count;
}

std::size_t MultipartBody::read(std::span<char> into) {
    if (stage_ == Stage::head) {
        return copy(head_, into, Stage::inner);
    }
    if (stage_ == Stage::inner) {
        if (const std::size_t count = inner_.read(into); count > 0) {
            return count;
        }
        stage_ = Stage::tail;
    }
    return stage_ == Stage::tail ? copy(tail_, into, Stage::end) : 0;
}

bool MultipartBody::rewind() {
    stage_ = Stage::head;
    position_ = 0;
    return inner_.rewind();
}

std::optional<std::uint64_t> MultipartBody::size() const {
    if (const auto inner = inner_.size()) {
        return *inner + head_.size() + tail_.size();
    }
    return std::nullopt;
}

}  // namespace tinybird_cdk::tinybird
