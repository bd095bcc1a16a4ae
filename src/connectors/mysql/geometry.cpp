// SPDX-License-Identifier: Apache-2.0
#include "geometry.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

#include "wire.hpp"

namespace tinybird_cdk::mysql {

namespace {

/// OGC 06-103r4, clause 8.2.
enum class Shape : std::uint32_t {
    point = 1,
    line_string,
    polygon,
    multi_point,
    multi_line_string,
    multi_polygon,
    collection
};

constexpr std::array<std::string_view, 8> names{"",           "POINT",           "LINESTRING",   "POLYGON",
                                                "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"};

/// Collections nest; bytes must not decide how deep the stack goes.
constexpr int most_levels = 64;
constexpr std::uint8_t least_byte_first = 1;

class Writer {
public:
    Writer(std::string& out, std::string_view bytes) : out_(out), wire_(bytes) {}

    void geometry(bool named, int level) {
        if (wire_.byte() != least_byte_first) {
            throw MalformedData("a geometry is in a byte order that MySQL does not use");
        }
        const auto number = wire_.number<std::uint32_t>();
        if (number == 0 || number >= names.size() || level > most_levels) {
            throw MalformedData("a geometry is of an unknown kind, or too deeply nested");
        }
        if (named) {
            out_ += names[number];
        }
        switch (static_cast<Shape>(number)) {
            case Shape::point:
                out_ += '(';
                point();
                out_ += ')';
                break;
            case Shape::line_string:
                list([this] { point(); });
                break;
            case Shape::polygon:
                list([this] { list([this] { point(); }); });
                break;
            case Shape::multi_point:
            case Shape::multi_line_string:
            case Shape::multi_polygon:
                list([this, level] { geometry(false, level + 1); });
                break;
            case Shape::collection:
                list([this, level] { geometry(true, level + 1); });
                break;
        }
    }

    void expect_end() const {
        if (wire_.left() > 0) {
            throw MalformedData("a geometry is longer than it says");
        }
    }

private:
    void point() {
        const double x = std::bit_cast<double>(wire_.number<std::uint64_t>());
        const double y = std::bit_cast<double>(wire_.number<std::uint64_t>());
        fmt::format_to(std::back_inserter(out_), "{} {}", x, y);
    }

    template <class Item>
    void list(const Item& item) {
        const auto count = wire_.number<std::uint32_t>();
        if (count == 0) {
            out_ += " EMPTY";
            return;
        }
        out_ += '(';
        for (std::uint32_t i = 0; i < count; ++i) {
            if (i > 0) {
                out_ += ',';
            }
            item();
        }
        out_ += ')';
    }

    std::string& out_;
    Wire wire_;
};

}  // namespace

void append_geometry(std::string& out, std::string_view bytes) {
    Wire wire(bytes);
    const auto reference = wire.number<std::uint32_t>();
    if (reference != 0) {
        fmt::format_to(std::back_inserter(out), "SRID={};", reference);
    }
    Writer writer(out, wire.take(wire.left()));
    writer.geometry(true, 0);
    writer.expect_end();
}

}  // namespace tinybird_cdk::mysql
