// SPDX-License-Identifier: Apache-2.0
#include "encode/column_proof.hpp"

#include <bit>
#include <charconv>

#include <xxhash.h>

#include "encode/proof_forms.hpp"

namespace tinybird_cdk::encode {

namespace {

/// Compared and shown: no more of a long text is kept.
constexpr std::size_t longest_bound = 64;

bool number_less(std::string_view a, std::string_view b) {
    // Numbers of one column have as many digits behind the point, so the longer one is further from zero.
    const bool a_negative = a.starts_with('-');
    const bool b_negative = b.starts_with('-');
    if (a_negative != b_negative) {
        return a_negative;
    }
    if (a_negative) {
        std::swap(a, b);
    }
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

double real_of(std::string_view bits, schema::Kind kind) {
    std::uint64_t number = 0;
    std::from_chars(bits.data(), bits.data() + bits.size(), number);
    return kind == schema::Kind::float32 ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(number)))
                                         : std::bit_cast<double>(number);
}

}  // namespace

ColumnProof::ColumnProof(const std::optional<schema::Type>& target)
    : target_(target ? std::make_unique<const schema::Type>(*target) : nullptr),
      comparable_(target_ && has_proof(*target_)) {
    if (comparable_ && is_nested(*target_)) {
        nested_.emplace(*target_);
    }
}

std::optional<std::string_view> ColumnProof::form_of(std::string_view written) {
    if (nested_) {
        const auto form = nested_->take();
        form_ = form.value_or(std::string());
        return form ? std::optional<std::string_view>(form_) : std::nullopt;
    }
    if (!proof_form(*target_, written, form_)) {
        return std::nullopt;
    }
    return form_;
}

bool ColumnProof::less(std::string_view a, std::string_view b) const {
    switch (proof_order(*target_)) {
        case ProofOrder::number:
            return number_less(a, b);
        case ProofOrder::real:
            return real_of(a, target_->kind()) < real_of(b, target_->kind());
        case ProofOrder::text:
            return a < b;
        case ProofOrder::none:
            break;
    }
    return false;
}

void ColumnProof::add(std::string_view written) {
    if (!comparable_) {
        checksum_ += XXH64(written.data(), written.size(), 0);
        return;
    }
    const auto form = form_of(written);
    if (!form) {
        comparable_ = false;
        return;
    }
    checksum_ += XXH64(form->data(), form->size(), 0);
    const bool is_text = proof_order(*target_) == ProofOrder::text;
    if (nested_ || (proof_order(*target_) == ProofOrder::real && *form == "nan")) {
        return;
    }
    const std::string_view bound = is_text ? form->substr(0, longest_bound) : *form;
    if (!lowest_ || less(bound, *lowest_)) {
        lowest_ = bound;
    }
    if (!highest_ || less(*highest_, bound)) {
        highest_ = bound;
    }
}

void ColumnProof::report(ColumnStatistics& into) const {
    into.checksum = checksum_;
    into.comparable = comparable_;
    if (comparable_) {
        into.lowest = lowest_;
        into.highest = highest_;
    }
}

}  // namespace tinybird_cdk::encode
