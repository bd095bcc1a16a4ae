// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::encode {

/// The one form of a list, map or tuple: the forms of its parts, each with its length in front, so that no two values
/// have the same (ADR 0013). Put together from the same calls that write the value.
class NestedForm {
public:
    /// @param type of the column: an Array, Map or Tuple; it must outlive this
    explicit NestedForm(const schema::Type& type) : type_(type) {}

    /// A list, map or record begins, of the column or inside another.
    void begin();
    /// The member of the open tuple that comes next.
    void member(std::size_t place);
    void null();
    /// A value as it is written, before quoting and escaping.
    void value(std::string_view written);
    /// Ends the innermost one. @param as_text the text that it became inside a list of texts
    void end(const std::optional<std::string>& as_text);

    /// The form of the whole value, once; nothing when a part of it has no clear value.
    std::optional<std::string> take();

private:
    struct Open {
        const schema::Type* type;
        std::vector<std::optional<std::string>> parts;
        std::size_t place = 0;
    };

    [[nodiscard]] const schema::Type& type_of_part() const;
    void add(std::optional<std::string> form);

    const schema::Type& type_;
    std::vector<Open> open_;
    std::size_t inside_text_ = 0;  ///< open containers that become a text
    bool clear_ = true;
    std::string scratch_;
    std::string form_;
};

/// Whether a type is one that `NestedForm` puts together.
bool is_nested(const schema::Type& type) noexcept;

}  // namespace tinybird_cdk::encode
