// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/query_rows.hpp"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/sql/sqlite/sqlite_file.hpp"

namespace tinybird_cdk::sqlite {
namespace {

using testing::Blob;
using testing::SqliteFile;

class Collected final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        text.append(full.view());
        return Buffer(wanted);
    }
    std::string text;
};

DatabaseOptions options_of(const SqliteFile& file) {
    return {file.path().string(), std::chrono::milliseconds{0}};
}

ExportRequest request_of(std::string query, Format format = Format::csv) {
    ExportRequest request;
    request.query = std::move(query);
    request.format = format;
    return request;
}

/// One `write()` of an export, as text. @param target of every column
std::string written(QueryRows& rows, Format format = Format::csv, std::optional<schema::Type> target = std::nullopt) {
    std::vector<OutputColumn> columns;
    for (const ResultColumn& column : rows.columns()) {
        columns.push_back({column.name, target, column.valid_utf8});
    }
    RowWriterOptions options;
    options.format = format;
    Collected sink;
    RowWriter writer(columns, options, sink);
    rows.write(writer, {});
    writer.finish();
    return sink.text;
}

std::string exported(const SqliteFile& file, const std::string& query, Format format = Format::csv,
                     std::optional<schema::Type> target = std::nullopt) {
    QueryRows rows(options_of(file), request_of(query, format));
    return written(rows, format, std::move(target));
}

TEST(TestQueryRows, EveryStorageClassStaysWhatItIs) {
    SqliteFile file;
    file.execute("CREATE TABLE t(a, b)");
    file.insert("t", {std::int64_t{1}, std::numeric_limits<std::int64_t>::min()});
    file.insert("t", {std::int64_t{2}, std::int64_t{9007199254740993}});
    file.insert("t", {std::int64_t{3}, 0.1});
    file.insert("t", {std::int64_t{4}, std::string("text")});
    file.insert("t", {std::int64_t{5}, std::string()});
    file.insert("t", {std::int64_t{6}, nullptr});
    file.insert("t", {std::int64_t{7}, Blob{std::string("\xFF\x00\xFE", 3)}});
    file.insert("t", {std::int64_t{8}, Blob{}});
    EXPECT_EQ(exported(file, "SELECT * FROM t ORDER BY a"),
              "1,-9223372036854775808\n2,9007199254740993\n3,0.1\n4,\"text\"\n5,\"\"\n6,\n7,\"/wD+\"\n8,\"\"\n");
}

TEST(TestQueryRows, TextKeepsItsNulCharacters) {
    SqliteFile file;
    file.execute("CREATE TABLE t(a)");
    file.insert("t", {std::string("a\0b", 3)});
    EXPECT_EQ(exported(file, "SELECT a FROM t"), std::string("\"a\0b\"\n", 6));
    EXPECT_EQ(exported(file, "SELECT a FROM t", Format::ndjson), "{\"a\":\"a\\u0000b\"}\n");
}

TEST(TestQueryRows, Utf16DatabasesGiveUtf8) {
    SqliteFile file;
    file.execute("PRAGMA encoding = 'UTF-16'; CREATE TABLE t(a); INSERT INTO t VALUES ('naïve €𝄞')");
    EXPECT_EQ(exported(file, "SELECT a FROM t"), "\"naïve €𝄞\"\n");
}

TEST(TestQueryRows, ZeroAndOneAreBooleansWhereTheTargetIsOne) {
    SqliteFile file;
    file.execute("CREATE TABLE t(flag BOOLEAN); INSERT INTO t VALUES (0), (1), (NULL)");
    EXPECT_EQ(exported(file, "SELECT flag FROM t", Format::ndjson, schema::Nullable(schema::Bool())),
              "{\"flag\":false}\n{\"flag\":true}\n{\"flag\":null}\n");
    EXPECT_EQ(exported(file, "SELECT flag FROM t", Format::ndjson, schema::Nullable(schema::Int64())),
              "{\"flag\":0}\n{\"flag\":1}\n{\"flag\":null}\n");
}

TEST(TestQueryRows, DatesAreCheckedWhereTheTargetIsOne) {
    SqliteFile file;
    file.execute("CREATE TABLE t(v); INSERT INTO t VALUES ('2024-01-01T10:00:00.5')");
    const schema::Type milliseconds = schema::DateTime64(3);
    EXPECT_EQ(exported(file, "SELECT v FROM t", Format::ndjson), "{\"v\":\"2024-01-01T10:00:00.5\"}\n");
    EXPECT_EQ(exported(file, "SELECT v FROM t", Format::ndjson, milliseconds), "{\"v\":\"2024-01-01 10:00:00.5\"}\n");
    EXPECT_EQ(exported(file, "SELECT '2024-01-01' AS v", Format::ndjson, schema::Date32()), "{\"v\":\"2024-01-01\"}\n");
    EXPECT_EQ(exported(file, "SELECT 'soon' AS v", Format::ndjson, milliseconds), "{\"v\":\"soon\"}\n");
    for (const char* lost : {"'1899-12-31 00:00:00'", "'2300-01-01'", "'2024-01-01 10:00:00.1234'"}) {
        EXPECT_THROW(exported(file, std::string("SELECT ") + lost + " AS v", Format::csv, milliseconds),
                     errors::RefusedValueError)
            << lost;
    }
}

TEST(TestQueryRows, ColumnsAreKnownBeforeTheFirstRow) {
    SqliteFile file;
    file.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name VARCHAR(10))");
    const QueryRows rows(options_of(file), request_of("SELECT id, name AS label, 1 + 1 FROM t"));
    ASSERT_EQ(rows.columns().size(), 3U);
    EXPECT_EQ(rows.columns()[0].name, "id");
    EXPECT_EQ(rows.columns()[0].source_type, "INTEGER");
    EXPECT_EQ(rows.columns()[1].name, "label");
    EXPECT_EQ(rows.columns()[1].source_type, "VARCHAR(10)");
    EXPECT_EQ(rows.columns()[2].name, "1 + 1");
    EXPECT_EQ(rows.columns()[2].source_type, "");
}

TEST(TestQueryRows, CanBeWrittenAgainFromTheFirstRow) {
    SqliteFile file;
    file.execute("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)");
    QueryRows rows(options_of(file), request_of("SELECT a FROM t"));
    EXPECT_EQ(written(rows), "1\n2\n");
    file.execute("INSERT INTO t VALUES (3)");
    EXPECT_EQ(written(rows), "1\n2\n3\n");
}

TEST(TestQueryRows, NoLockIsHeldBetweenWrites) {
    SqliteFile file;
    file.execute("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)");
    ExportRequest request = request_of("SELECT a FROM t");
    request.row_limit = 1;
    QueryRows rows(options_of(file), request);
    EXPECT_EQ(written(rows), "1\n");
    // In the mode without WAL an open read would make this wait.
    EXPECT_NO_THROW(file.execute("BEGIN EXCLUSIVE; ROLLBACK"));
}

TEST(TestQueryRows, RowLimit) {
    SqliteFile file;
    file.execute("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3)");
    for (const auto& [limit, expected] : std::vector<std::pair<std::uint64_t, std::string>>{
             {0, ""}, {2, "1\n2\n"}, {3, "1\n2\n3\n"}, {99, "1\n2\n3\n"}}) {
        ExportRequest request = request_of("SELECT a FROM t ORDER BY a -- as it is");
        request.row_limit = limit;
        QueryRows rows(options_of(file), request);
        EXPECT_EQ(written(rows), expected) << limit;
    }
}

TEST(TestQueryRows, ColumnsThatChangeBeforeTheRowsAreNoticed) {
    SqliteFile file;
    file.execute("CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 2)");
    QueryRows rows(options_of(file), request_of("SELECT * FROM t"));
    file.execute("ALTER TABLE t DROP COLUMN a");
    EXPECT_THROW(written(rows), errors::SchemaMismatchError);
}

TEST(TestQueryRows, StopsWhenAsked) {
    const SqliteFile file;
    QueryRows rows(options_of(file), request_of("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
                                                "SELECT x FROM c"));
    std::stop_source stop;
    /// Asks for the end when the first block is full: the query is then in the middle.
    class Asker final : public BufferSink {
    public:
        explicit Asker(std::stop_source& source) : source_(source) {}
        Buffer exchange(Buffer /*full*/, std::size_t wanted) override {
            source_.request_stop();
            return Buffer(wanted);
        }

    private:
        std::stop_source& source_;
    } sink(stop);
    RowWriter writer({{"x", std::nullopt, true}}, {}, sink);
    EXPECT_THROW(rows.write(writer, stop.get_token()), errors::InterruptedError);
    EXPECT_GT(writer.statistics().rows, 0U);
}

TEST(TestReadAll, GivesExactValues) {
    SqliteFile file;
    file.execute("CREATE TABLE t(a, b, c, d, e, f)");
    file.insert("t", {std::int64_t{9007199254740993}, 5.0, std::string("a\0b", 3), Blob{"foo"}, nullptr, -0.0});
    Database database(options_of(file));
    const ResultSet rows = read_all(database, "SELECT * FROM t");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0][0], (std::pair<std::string, Value>{"a", Value(std::int64_t{9007199254740993})}));
    EXPECT_EQ(rows[0][1].second, Value(5.0));
    EXPECT_EQ(rows[0][2].second, Value(std::string("a\0b", 3)));
    EXPECT_EQ(rows[0][3].second, Value("Zm9v"));
    EXPECT_TRUE(rows[0][4].second.is_null());
    EXPECT_TRUE(std::signbit(std::get<double>(rows[0][5].second.variant())));
}

TEST(TestReadAll, NamesMayRepeat) {
    Database database({":memory:", std::chrono::milliseconds{0}});
    const ResultSet rows = read_all(database, "SELECT 1 AS a, 2 AS a");
    ASSERT_EQ(rows.at(0).size(), 2U);
    EXPECT_EQ(rows[0][1].first, "a");
    EXPECT_EQ(rows[0][1].second, Value(std::int64_t{2}));
}

}  // namespace
}  // namespace tinybird_cdk::sqlite
