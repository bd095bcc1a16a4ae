// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/body.hpp>

namespace tinybird_cdk::tinybird {

/// Another body as the only part of a multipart form (RFC 7578), streamed.
class MultipartBody final : public Body {
public:
    /// @param inner must outlive this one. @param part the name of the part, as in "csv"
    /// @param file its file name: Tinybird tells compressed data by it, as in "data.csv.gz"
    MultipartBody(Body& inner, std::string_view part, std::string_view file, std::string_view content_type);

    [[nodiscard]] std::string content_type() const;

    std::size_t read(std::span<char> into) override;
    bool rewind() override;
    [[nodiscard]] std::optional<std::uint64_t> size() const override;

private:
    enum class Stage { head, inner, tail, end };
    /// Copies from `text` and goes on to the next stage at its end.
    std::size_t copy(std::string_view text, std::span<char> into, Stage next);

    Body& inner_;
    const std::string boundary_;
    const std::string head_;
    const std::string tail_;
    Stage stage_ = Stage::head;
    std::size_t position_ = 0;
};

}  // namespace tinybird_cdk::tinybird
