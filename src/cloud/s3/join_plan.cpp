// SPDX-License-Identifier: Apache-2.0
#include "cloud/s3/join_plan.hpp"

#include <algorithm>
#include <utility>

namespace tinybird_cdk::cloud::s3 {

namespace {

class Planner {
public:
    explicit Planner(const JoinLimits& limits) : limits_(limits) {}

    void add(Piece piece) {
        while (piece.size() > 0) {
            if (gathered_ == 0 && piece.literal.empty() && piece.length >= limits_.smallest) {
                copy(piece);
                return;
            }
            gather(piece);
        }
    }

    std::vector<PlannedPart> finish() {
        flush();
        return std::move(parts_);
    }

private:
    /// In ranges of about the same size, so that the last one is not too small.
    void copy(const Piece& piece) {
        const std::uint64_t count = (piece.length + limits_.largest - 1) / limits_.largest;
        std::uint64_t done = 0;
        for (std::uint64_t i = 1; i <= count; ++i) {
            const std::uint64_t end = i == count ? piece.length : piece.length / count * i;
            parts_.push_back({.copied = true,
                              .pieces = {{.object = piece.object, .from = piece.from + done, .length = end - done}}});
            done = end;
        }
    }

    /// Takes what is missing to a whole part, or all when the rest could not be copied anyway.
    void gather(Piece& piece) {
        Piece taken = piece;
        const std::uint64_t missing = limits_.smallest - gathered_;
        if (piece.literal.empty() && piece.length > missing && piece.length - missing >= limits_.smallest) {
            taken.length = missing;
        }
        piece.literal.clear();
        piece.from += taken.length;
        piece.length -= taken.length;
        gathered_ += taken.size();
        pending_.push_back(std::move(taken));
        if (gathered_ >= limits_.smallest) {
            flush();
        }
    }

    void flush() {
        if (!pending_.empty()) {
            parts_.push_back({.copied = false, .pieces = std::exchange(pending_, {})});
            gathered_ = 0;
        }
    }

    const JoinLimits limits_;
    std::vector<PlannedPart> parts_;
    std::vector<Piece> pending_;
    std::uint64_t gathered_ = 0;
};

std::vector<PlannedPart> plan_with(const std::vector<Piece>& pieces, const JoinLimits& limits) {
    Planner planner(limits);
    for (const Piece& piece : pieces) {
        planner.add(piece);
    }
    return planner.finish();
}

}  // namespace

std::vector<PlannedPart> plan_join(const std::vector<Piece>& pieces, const JoinLimits& limits) {
    std::vector<PlannedPart> parts = plan_with(pieces, limits);
    if (parts.size() <= limits.most_parts || limits.most_parts < 2) {
        return parts;
    }
    // Too many, so more of them are gathered: no part but the last is then below an even share of all bytes.
    std::uint64_t total = 0;
    for (const Piece& piece : pieces) {
        total += piece.size();
    }
    JoinLimits larger = limits;
    larger.smallest = std::max(limits.smallest, total / (limits.most_parts - 1) + 1);
    larger.largest = std::max(limits.largest, larger.smallest * 2);
    return plan_with(pieces, larger);
}

}  // namespace tinybird_cdk::cloud::s3
