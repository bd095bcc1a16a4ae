// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nanoarrow/nanoarrow.h>

#include <tinybird_cdk/type_notes.hpp>

/// Arrays of one value, to show the types of Arrow by.
namespace tinybird_cdk::encode {

/// Gives a column its type.
using Describe = std::function<void(ArrowSchema&)>;
/// Appends the value.
using Fill = std::function<void(ArrowArray&)>;

struct ArrowExample {
    std::string literal;
    Fill fill;
};

/// A type with its examples, and what is suggested for it.
TypeNote arrow_note(std::string name, const Describe& describe, std::vector<ArrowExample> examples);

/// @throws errors::Error unless a code of nanoarrow says that all is well
void check_built(int code);

Describe plain(ArrowType type);
Describe timed(ArrowType type, ArrowTimeUnit unit, const char* zone = nullptr);
Describe decimal(ArrowType type, int precision, int scale);
Describe fixed_bytes(std::int32_t size);
Describe extension(const Describe& storage, std::string name, std::string metadata = {});
/// An extension type that nobody but its vendor knows (https://arrow.apache.org/docs/format/CanonicalExtensions.html).
Describe opaque(const Describe& storage, const char* type, const char* vendor);

Fill integer(std::int64_t value);
Fill real(double value);
Fill bytes(std::string value);
/// @param unscaled all digits, without the point
Fill digits(int bits, int precision, int scale, const char* unscaled);
Fill interval(ArrowType type, std::int32_t months, std::int32_t days, std::int32_t milliseconds,
              std::int64_t nanoseconds);

}  // namespace tinybird_cdk::encode
