// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/azure/store.hpp"
#include "cloud/parallel.hpp"

namespace tinybird_cdk::cloud::azure {

namespace {

constexpr std::size_t line_step = 64U << 10U;
constexpr std::size_t longest_line = 16U << 20U;

/// A line without its end.
std::string_view text_of(std::string_view line) {
    line.remove_suffix(line.ends_with('\n') ? 1 : 0);
    line.remove_suffix(line.ends_with('\r') ? 1 : 0);
    return line;
}

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

bool Client::Store::ends_line(std::string_view container, const Piece& piece, const std::stop_token& stop) {
    const auto body = get(container, *piece.part, {.begin = piece.begin + piece.length - 1, .length = 1}, stop);
    std::array<char, 1> last{};
    return body->read(last) == 1 && last[0] == '\n';
}

std::vector<Piece> Client::Store::with_one_header(std::string_view container, std::vector<Piece> pieces,
                                                  const std::stop_token& stop) {
    std::vector<std::string> lines(pieces.size());
    in_parallel({.count = pieces.size(), .threads = options_.parallel}, stop,
                [&](std::size_t i, const std::stop_token& ending) {
                    lines[i] = first_line(container, *pieces[i].part, ending);
                });
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

std::vector<Piece> Client::Store::with_line_ends(std::string_view container, const std::vector<Piece>& pieces,
                                                 const std::stop_token& stop) {
    // Not of bool, whose elements can't be written side by side.
    std::vector<char> ended(pieces.size(), 1);
    in_parallel({.count = pieces.size() - 1, .threads = options_.parallel}, stop,
                [&](std::size_t i, const std::stop_token& ending) {
                    ended[i] = static_cast<char>(ends_line(container, pieces[i], ending));
                });
    std::vector<Piece> result;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        result.push_back(pieces[i]);
        if (ended[i] == 0) {
            result.push_back({.part = nullptr, .begin = 0, .length = line_end.size()});
        }
    }
    return result;
}

std::vector<Piece> Client::Store::pieces_of(std::string_view container, const std::vector<Object>& parts,
                                            const CatOptions& options) {
    std::vector<Piece> pieces;
    for (const Object& part : parts) {
        if (part.size > 0) {
            pieces.push_back({&part, 0, part.size});
        }
    }
    if (options.header_lines && pieces.size() > 1) {
        pieces = with_one_header(container, std::move(pieces), options.stop);
    }
    if ((options.lines || options.header_lines) && pieces.size() > 1) {
        pieces = with_line_ends(container, pieces, options.stop);
    }
    return pieces;
}

}  // namespace tinybird_cdk::cloud::azure
