// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <atomic>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/azure/block_upload.hpp"
#include "cloud/azure/parallel.hpp"
#include "cloud/azure/refusal.hpp"
#include "cloud/azure/store.hpp"

namespace tinybird_cdk::cloud::azure {

namespace {

/// A block that is copied from elsewhere may not be larger.
/// https://learn.microsoft.com/en-us/rest/api/storageservices/put-block-from-url#remarks
constexpr std::uint64_t largest_block = std::uint64_t{4'000} << 20U;
constexpr std::size_t line_step = 64U << 10U;
constexpr std::size_t longest_line = 16U << 20U;
/// https://learn.microsoft.com/en-us/rest/api/storageservices/put-block-from-url#request-headers
constexpr std::size_t longest_source = 2'048;
/// The store begins to read a part soon after it was asked to.
constexpr std::chrono::hours source_life{1};

/// A line without its end.
std::string_view text_of(std::string_view line) {
    line.remove_suffix(line.ends_with('\n') ? 1 : 0);
    line.remove_suffix(line.ends_with('\r') ? 1 : 0);
    return line;
}

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

/// Pieces of objects, one after the other.
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

std::string Client::Store::first_line(std::string_view container, const Object& part, const std::stop_token& stop) {
    std::string line;
    while (line.size() < part.size && line.size() < longest_line) {
        const auto body =
            get(container, part,
                {.begin = line.size(), .length = std::min<std::uint64_t>(line_step, part.size - line.size())}, stop);
        std::array<char, 4096> buffer{};
        while (const std::size_t count = body->read(buffer)) {
            const std::string_view bytes(buffer.data(), count);
            const std::size_t end = bytes.find('\n');
            line += bytes.substr(0, end == std::string_view::npos ? end : end + 1);
            if (end != std::string_view::npos) {
                return line;
            }
        }
    }
    if (line.size() >= longest_line) {
        throw errors::InvalidArgument(
            fmt::format("azure://{}/{} has no line end in its first {} MiB, so it begins with no header line",
                        container, part.key, longest_line >> 20U));
    }
    return line;
}

std::vector<Piece> Client::Store::pieces_of(std::string_view container, const std::vector<Object>& parts,
                                            const CatOptions& options) {
    std::vector<Piece> pieces;
    for (const Object& part : parts) {
        if (part.size > 0) {
            pieces.push_back({&part, 0, part.size});
        }
    }
    if (!options.header_lines || pieces.size() < 2) {
        return pieces;
    }
    std::vector<std::string> lines(pieces.size());
    in_parallel(
        {.count = pieces.size(), .threads = options_.parallel}, options.stop,
        [&](std::size_t i, const std::stop_token& stop) { lines[i] = first_line(container, *pieces[i].part, stop); });
    for (std::size_t i = 1; i < pieces.size(); ++i) {
        if (text_of(lines[i]) != text_of(lines[0])) {
            throw errors::InvalidArgument(fmt::format("azure://{}/{} does not begin with the header line of {}",
                                                      container, pieces[i].part->key, pieces[0].part->key),
                                          "Join objects that have the same columns in the same order.");
        }
    }
    // A header without a line end has nothing behind it; the one that is kept should have an end.
    const auto whole = std::find_if(lines.begin(), lines.end(), [](const auto& line) { return line.ends_with('\n'); });
    const std::size_t kept = whole == lines.end() ? 0 : static_cast<std::size_t>(whole - lines.begin());
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (i != kept) {
            pieces[i].begin = lines[i].size();
            pieces[i].length -= lines[i].size();
        }
    }
    std::erase_if(pieces, [](const Piece& piece) { return piece.length == 0; });
    return pieces;
}

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
            return get(container, *piece.part, {.begin = piece.begin, .length = piece.length}, options.stop);
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
