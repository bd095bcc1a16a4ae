// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgresql/copy_stream.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/postgresql/wire.hpp"
#include "core/connectors/postgresql/written_value.hpp"

namespace tinybird_cdk::postgresql {
namespace {

using testing::bytes_of;
using testing::decoder_of;

const std::string signature = bytes_of("50 47 43 4f 50 59 0a ff 0d 0a 00 00000000 00000000");
// COPY (SELECT 1, 'ab', NULL::int) TO STDOUT (FORMAT binary)
const std::string row = bytes_of("0003 00000004 00000001 00000002 6162 ffffffff");
const std::string trailer = bytes_of("ffff");

class TestPostgresqlCopyStream : public ::testing::Test {
protected:
    TestPostgresqlCopyStream()
        : stream({decoder_of(oid::int4), decoder_of(oid::text), decoder_of(oid::int4)}),
          writer({{"a", {}, true}, {"b", {}, true}, {"c", {}, true}}, {}, sink) {}

    std::string finish() {
        writer.finish();
        return sink.text;
    }

    testing::TextSink sink;
    CopyStream stream;
    RowWriter writer;
};

TEST_F(TestPostgresqlCopyStream, RowsInMessagesOfTheirOwn) {
    stream.message(signature, writer);
    stream.message(row, writer);
    stream.message(row, writer);
    EXPECT_FALSE(stream.ended());
    stream.message(trailer, writer);
    EXPECT_TRUE(stream.ended());
    EXPECT_EQ(finish(), "1,\"ab\",\n1,\"ab\",\n");
}

TEST_F(TestPostgresqlCopyStream, SignatureAndRowsInOneMessage) {
    stream.message(signature + row + row + trailer, writer);
    EXPECT_TRUE(stream.ended());
    EXPECT_EQ(writer.statistics().rows, 2U);
}

TEST_F(TestPostgresqlCopyStream, AnExtendedHeaderIsSkipped) {
    stream.message(bytes_of("50 47 43 4f 50 59 0a ff 0d 0a 00 00000000 00000003 010203") + row + trailer, writer);
    EXPECT_EQ(finish(), "1,\"ab\",\n");
}

TEST_F(TestPostgresqlCopyStream, MalformedStreamsAreRefused) {
    EXPECT_THROW(CopyStream({decoder_of(oid::int4)}).message("PGCOPY\n", writer), MalformedData);
    EXPECT_THROW(CopyStream({decoder_of(oid::int4)}).message(std::string(19, 'x'), writer), MalformedData);
    EXPECT_THROW(CopyStream({decoder_of(oid::int4)}).message(signature + row, writer), MalformedData);
    EXPECT_THROW(stream.message(bytes_of("50 47 43 4f 50 59 0a ff 0d 0a 00 00010000 00000000"), writer), MalformedData);
}

TEST_F(TestPostgresqlCopyStream, NothingMayFollowTheTrailer) {
    EXPECT_THROW(stream.message(signature + trailer + row, writer), MalformedData);
}

TEST_F(TestPostgresqlCopyStream, TheColumnThatFailedIsKnown) {
    EXPECT_THROW(stream.message(signature + bytes_of("0003 00000004 00000001 00000002 6162 00000003 010203"), writer),
                 MalformedData);
    EXPECT_EQ(stream.column(), 2U);
    CopyStream other({decoder_of(oid::int4)});
    EXPECT_THROW(other.message(signature + row, writer), MalformedData);
    EXPECT_EQ(other.column(), 1U) << "in no column";
}

/// Whatever is damaged, rows are written or an exception thrown; the sanitised build watches the memory.
TEST_F(TestPostgresqlCopyStream, DamagedStreamsDoNoHarm) {
    const std::string intact = signature + row + row + trailer;
    std::mt19937 generator(20261124);
    int refused = 0;
    for (int i = 0; i < 20000; ++i) {
        std::string damaged = intact.substr(0, intact.size() - generator() % 4);
        damaged[generator() % damaged.size()] = static_cast<char>(generator());
        RowWriter rows({{"a", {}, true}, {"b", {}, true}, {"c", {}, true}}, {}, sink);
        CopyStream damaged_stream({decoder_of(oid::int4), decoder_of(oid::text), decoder_of(oid::int4)});
        try {
            damaged_stream.message(damaged, rows);
        } catch (const MalformedData&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 0);
}

TEST_F(TestPostgresqlCopyStream, ATruncatedRowIsRefused) {
    stream.message(signature, writer);
    EXPECT_THROW(stream.message(row.substr(0, 9), writer), MalformedData);
}

}  // namespace
}  // namespace tinybird_cdk::postgresql
