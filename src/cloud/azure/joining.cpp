// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/azure/block_upload.hpp"
#include "cloud/azure/refusal.hpp"
#include "cloud/azure/store.hpp"
#include "cloud/parallel.hpp"

namespace tinybird_cdk::cloud::azure {

namespace {

/// A block that is copied from elsewhere may not be larger.
/// https://learn.microsoft.com/en-us/rest/api/storageservices/put-block-from-url#remarks
constexpr std::uint64_t largest_block = std::uint64_t{4'000} << 20U;
/// https://learn.microsoft.com/en-us/rest/api/storageservices/put-block-from-url#request-headers
constexpr std::size_t longest_source = 2'048;
/// The store begins to read a part soon after it was asked to.
constexpr std::chrono::hours source_life{1};

[[noreturn]] void was_changed(std::string_view container, const Object& part) {
    throw errors::ExternalDatasourceError(
        fmt::format("azure://{}/{} was changed since it was listed", container, part.key), "SourceConditionNotMet",
        "Run it again.", errors::ExitCode::temporary);
}

/// The store could not, or may not, read the source itself: a firewall, a rule against signatures, another place.
bool source_is_out_of_reach(const http::Response& response) {
    return response.status == 501 || code_of(response) == "CannotVerifyCopySource";
}

/// Pieces of at most so many bytes.
std::vector<Piece> cut(const std::vector<Piece>& pieces, std::uint64_t most) {
    std::vector<Piece> result;
    for (const Piece& piece : pieces) {
        for (std::uint64_t done = 0; done < piece.length; done += most) {
            result.push_back({piece.part, piece.begin + done, std::min(most, piece.length - done)});
        }
    }
    return result;
}

/// Pieces, one after the other.
class JoinedBody final : public Body {
public:
    using Open = std::function<std::unique_ptr<Body>(const Piece&)>;

    JoinedBody(const std::vector<Piece>& pieces, Open open) : pieces_(pieces), open_(std::move(open)) {}

    std::size_t read(std::span<char> into) override {
        while (body_ || next_ < pieces_.size()) {
            if (!body_) {
                body_ = open_(pieces_[next_++]);
            }
            if (const std::size_t count = body_->read(into); count > 0) {
                return count;
            }
            body_.reset();
        }
        return 0;
    }
    bool rewind() override { return false; }
    [[nodiscard]] std::optional<std::uint64_t> size() const override {
        std::uint64_t bytes = 0;
        for (const Piece& piece : pieces_) {
            bytes += piece.length;
        }
        return bytes;
    }

private:
    const std::vector<Piece>& pieces_;
    const Open open_;
    std::size_t next_ = 0;
    std::unique_ptr<Body> body_;
};

}  // namespace

bool Client::Store::join_inside(std::string_view container, const std::vector<Piece>& pieces, std::string_view target,
                                const std::stop_token& stop, bool& in_doubt) {
    BlockUpload upload(requests_, std::string(container), std::string(target));
    std::atomic<bool> out_of_reach = false;
    in_parallel({.count = pieces.size(), .threads = options_.parallel}, stop,
                [&](std::size_t i, const std::stop_token& ending) {
                    if (out_of_reach) {
                        return;
                    }
                    const Piece& piece = pieces[i];
                    if (piece.part == nullptr) {
                        upload.stage(i, line_end, ending);
                        return;
                    }
                    // A long name, percent-encoded.
                    if (signed_url(container, piece.part->key, source_life, ending).size() > longest_source) {
                        out_of_reach = true;
                        return;
                    }
                    const auto source = [&] {
                        Pairs headers{{"x-ms-copy-source", signed_url(container, piece.part->key, source_life, ending)},
                                      {"x-ms-source-range",
                                       fmt::format("bytes={}-{}", piece.begin, piece.begin + piece.length - 1)}};
                        if (!piece.part->etag.empty()) {
                            headers.emplace_back("x-ms-source-if-match", fmt::format("\"{}\"", piece.part->etag));
                        }
                        return headers;
                    };
                    const http::Response response = upload.stage_from(i, source, ending);
                    if (source_is_out_of_reach(response)) {
                        out_of_reach = true;
                    } else if (response.status == 412) {
                        was_changed(container, *piece.part);
                    } else if (!succeeded(response)) {
                        refuse(response, fmt::format("joining azure://{}/{}", container, piece.part->key));
                    }
                });
    if (out_of_reach) {
        return false;
    }
    try {
        upload.commit(pieces.size(), stop);
    } catch (...) {
        in_doubt = upload.in_doubt();
        throw;
    }
    return true;
}

void Client::Store::join(std::string_view container, const std::vector<Object>& parts, std::string_view target,
                         const CatOptions& options) {
    const std::vector<Piece> whole = pieces_of(container, parts, options);
    std::uint64_t bytes = 0;
    for (const Piece& piece : whole) {
        bytes += piece.length;
    }
    const std::vector<Piece> pieces =
        cut(whole, std::clamp<std::uint64_t>(bytes / options_.most_blocks * 2, options_.copy_bytes, largest_block));
    bool in_doubt = false;
    try {
        const bool possible = !pieces.empty() && pieces.size() <= options_.most_blocks;
        if (possible && join_inside(container, pieces, target, options.stop, in_doubt)) {
            return;
        }
        if (!pieces.empty()) {
            logger::info(
                fmt::format("azure://{}/{}: {}, so the parts go through this machine", container, target,
                            possible ? "the store can't read the parts by itself" : "there are too many parts"));
        }
        JoinedBody body(whole, [&](const Piece& piece) {
            return piece.part == nullptr
                       ? body_of(line_end)
                       : get(container, *piece.part, {.begin = piece.begin, .length = piece.length}, options.stop);
        });
        write(container, target, body, options.stop, in_doubt);
    } catch (...) {
        if (in_doubt) {
            try {
                remove(container, target, {});
            } catch (const errors::Error& error) {
                logger::warning(fmt::format("azure://{}/{} may be left behind: {}", container, target, error.what()));
            }
        }
        throw;
    }
}

}  // namespace tinybird_cdk::cloud::azure
