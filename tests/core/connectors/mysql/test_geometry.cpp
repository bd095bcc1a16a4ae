// SPDX-License-Identifier: Apache-2.0
// What MariaDB stores, as in SELECT hex(ST_GeomFromText('POINT(1 2)')).
#include <string>

#include <gtest/gtest.h>

#include "connectors/mysql/geometry.hpp"
#include "connectors/mysql/wire.hpp"
#include "core/connectors/mysql/bytes.hpp"

namespace tinybird_cdk::mysql {
namespace {

using testing::bytes_of;

std::string text_of(const std::string& hex) {
    std::string text;
    append_geometry(text, bytes_of(hex));
    return text;
}

const std::string one = "000000000000F03F";
const std::string two = "0000000000000040";
const std::string point = "0101000000" + one + two;

TEST(TestMysqlGeometry, ShapesAreWrittenAsText) {
    EXPECT_EQ(text_of("00000000" + point), "POINT(1 2)");
    EXPECT_EQ(text_of("E6100000" + point), "SRID=4326;POINT(1 2)");
    EXPECT_EQ(text_of("00000000 0102000000 02000000" + one + two + two + one), "LINESTRING(1 2,2 1)");
    EXPECT_EQ(text_of("00000000 0103000000 01000000 02000000" + one + two + two + one), "POLYGON((1 2,2 1))");
    EXPECT_EQ(text_of("00000000 0104000000 02000000" + point + point), "MULTIPOINT((1 2),(1 2))");
    EXPECT_EQ(text_of("00000000 0107000000 02000000" + point + "0107000000 00000000"),
              "GEOMETRYCOLLECTION(POINT(1 2),GEOMETRYCOLLECTION EMPTY)");
}

TEST(TestMysqlGeometry, WhatIsNoneIsRefused) {
    std::string deep = "00000000";
    for (int i = 0; i < 10000; ++i) {
        deep += "0107000000 01000000";
    }
    for (const std::string& hex :
         {std::string(), std::string("00000000"), "00000000 00" + point.substr(2), "00000000 0108000000" + one + two,
          "00000000" + point + "00", "00000000" + point.substr(0, point.size() - 2),
          std::string("00000000 0102000000 FFFFFFFF"), deep}) {
        EXPECT_THROW(text_of(hex), MalformedData) << hex.substr(0, 100);
    }
}

}  // namespace
}  // namespace tinybird_cdk::mysql
