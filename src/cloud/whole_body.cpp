// SPDX-License-Identifier: Apache-2.0
#include "cloud/whole_body.hpp"

#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::cloud {

WholeBody::WholeBody(Body& body, std::string target) : body_(body), target_(std::move(target)), size_(body.size()) {}

std::size_t WholeBody::read(std::span<char> into) {
    if (into.empty()) {
        return 0;
    }
    const std::size_t count = body_.read(into);
    read_ += count;
    if (size_ && (count == 0 ? read_ != *size_ : read_ > *size_)) {
        throw errors::Error(
            fmt::format("what is written to {} has {} bytes, and said that it has {}", target_,
                        count == 0 ? fmt::format("{}", read_) : fmt::format("more than {}", *size_), *size_),
            "It was changed while it was read: run it again.", errors::ExitCode::temporary);
    }
    return count;
}

bool WholeBody::rewind() {
    read_ = 0;
    return body_.rewind();
}

}  // namespace tinybird_cdk::cloud
