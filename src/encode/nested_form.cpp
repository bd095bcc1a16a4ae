// SPDX-License-Identifier: Apache-2.0
#include "encode/nested_form.hpp"

#include <algorithm>
#include <utility>

#include "encode/proof_forms.hpp"

namespace tinybird_cdk::encode {

namespace {

using schema::Kind;

std::string joined(const std::vector<std::optional<std::string>>& parts) {
    std::string form;
    for (const auto& part : parts) {
        if (part) {
            form += std::to_string(part->size());
            form += ':';
            form += *part;
        } else {
            form += '~';
        }
    }
    return form;
}

/// The entries of a map have no order: they are sorted by their forms.
std::string joined_map(std::vector<std::optional<std::string>>& parts) {
    std::vector<std::optional<std::string>> entries;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
        entries.emplace_back(joined({std::move(parts[i]), std::move(parts[i + 1])}));
    }
    std::sort(entries.begin(), entries.end());
    return joined(entries);
}

}  // namespace

bool is_nested(const schema::Type& type) noexcept {
    return type.kind() == Kind::array || type.kind() == Kind::map || type.kind() == Kind::tuple;
}

const schema::Type& NestedForm::type_of_part() const {
    const Open& open = open_.back();
    const std::vector<schema::Type>& arguments = open.type->arguments();
    switch (open.type->kind()) {
        case Kind::map:
            return arguments.at(open.parts.size() % 2);
        case Kind::tuple:
            return arguments.at(open.place);
        default:
            return arguments.at(0);
    }
}

void NestedForm::begin() {
    if (inside_text_ > 0) {
        ++inside_text_;
        return;
    }
    const schema::Type& type = open_.empty() ? type_ : type_of_part();
    if (!is_nested(type)) {
        inside_text_ = 1;
        return;
    }
    open_.push_back({&type, {}});
    if (type.kind() == Kind::tuple) {
        open_.back().parts.resize(type.arguments().size());
    }
}

void NestedForm::member(std::size_t place) {
    if (inside_text_ == 0) {
        open_.back().place = place;
    }
}

void NestedForm::add(std::optional<std::string> form) {
    Open& open = open_.back();
    if (open.type->kind() == Kind::tuple) {
        open.parts.at(open.place) = std::move(form);
    } else {
        open.parts.push_back(std::move(form));
    }
}

void NestedForm::null() {
    if (inside_text_ == 0) {
        add(std::nullopt);
    }
}

void NestedForm::value(std::string_view written) {
    if (inside_text_ > 0) {
        return;
    }
    clear_ = proof_form(type_of_part(), written, scratch_) && clear_;
    add(scratch_);
}

void NestedForm::end(const std::optional<std::string>& as_text) {
    if (inside_text_ > 0) {
        --inside_text_;
        if (inside_text_ == 0) {
            clear_ = clear_ && as_text.has_value();
            value(as_text.value_or(std::string()));
        }
        return;
    }
    Open closed = std::move(open_.back());
    open_.pop_back();
    std::string form = closed.type->kind() == Kind::map ? joined_map(closed.parts) : joined(closed.parts);
    if (open_.empty()) {
        form_ = std::move(form);
    } else {
        add(std::move(form));
    }
}

std::optional<std::string> NestedForm::take() {
    std::optional<std::string> result;
    if (std::exchange(clear_, true)) {
        result = std::move(form_);
    }
    form_.clear();
    return result;
}

}  // namespace tinybird_cdk::encode
