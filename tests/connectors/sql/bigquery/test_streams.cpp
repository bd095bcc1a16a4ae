// SPDX-License-Identifier: Apache-2.0
// Rows by the Arrow streams of the Storage Read API: that they are, to the byte, what the pages of the REST API give,
// and what happens when there are no streams. Streams that break are played in test_broken_streams.py.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/grpc.hpp>
#include <tinybird_cdk/row_writer.hpp>

#include "connectors/bigquery/query_rows.hpp"
#include "connectors/bigquery/read_messages.hpp"
#include "core/ids.hpp"
#include "dataset.hpp"

namespace tinybird_cdk {
namespace {

using testing::bigquery_environment;
using testing::Dataset;
using ::testing::HasSubstr;
using ::testing::Not;

class Kept final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        text.append(full.view());
        return Buffer(wanted);
    }
    std::string text;
};

/// What is logged while this lives.
class Logged {
public:
    Logged() { ::testing::internal::CaptureStdout(); }
    std::string text() { return ::testing::internal::GetCapturedStdout(); }
};

std::vector<std::string> sorted_lines(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

class TestBigQueryStreams : public ::testing::TestWithParam<Format> {
protected:
    static Environment with_streams() {
        const auto address = Environment::process().get("BIGQUERY_STORAGE_GRPC_ENDPOINT");
        return bigquery_environment().with("BIGQUERY_STORAGE_GRPC_ENDPOINT", address.value_or(""));
    }
    static Environment with_pages() { return bigquery_environment().with("BIGQUERY_STORAGE_GRPC_ENDPOINT", ""); }

    /// @param typed into the types that are suggested; else as text of no known target
    std::string written(const Environment& environment, const std::string& sql, bool typed, bool in_order = true) {
        ExportRequest request{
            .query = data.sql(sql), .format = GetParam(), .row_limit = row_limit, .stop = {}, .as_rows = in_order};
        bigquery::QueryRows rows(std::make_shared<bigquery::Api>(environment), request,
                                 [] { return "test_" + core::random_hex(8); });
        std::vector<OutputColumn> columns;
        for (const ResultColumn& column : rows.columns()) {
            columns.push_back({column.name, typed ? column.type : std::nullopt, column.valid_utf8});
            if (typed && columns.back().target->kind() != schema::Kind::array) {
                columns.back().target = columns.back().target->with_nullable(true);
            }
        }
        Kept kept;
        RowWriterOptions options;
        options.format = GetParam();
        if (!typed) {
            options.hazards.set(Hazard::date_range, HazardPolicy::text);
        }
        RowWriter writer(columns, options, kept);
        rows.write(writer, {});
        writer.finish();
        return kept.text;
    }

    Dataset data;
    std::optional<std::uint64_t> row_limit;
};

INSTANTIATE_TEST_SUITE_P(Formats, TestBigQueryStreams, ::testing::Values(Format::csv, Format::ndjson),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

/// Rows enough for streams: values of each kind, then as many rows without a value.
constexpr const char* scalars =
    "SELECT i, f, n, bn, b, s, y, t, j, g FROM (SELECT 1 AS o, -9223372036854775808 AS i, 0.1 AS f, NUMERIC "
    "'99999999999999999999999999999.999999999' AS n, BIGNUMERIC '12345678901234567890.123456789012345678' AS bn, TRUE "
    "AS b, 'a\\\"b\\nc,\\\\N' AS s, FROM_HEX('00ff10') AS y, TIME '23:59:59.999999' AS t, JSON "
    "'{\"a\":[1,null,9007199254740993]}' AS j, ST_GEOGPOINT(1, 2.5) AS g "
    "UNION ALL SELECT 2, 9007199254740993, -1.5e300, NUMERIC '-0.50', BIGNUMERIC '-0.000000000000000001', FALSE, '', "
    "FROM_HEX(''), TIME '00:00:00', JSON 'null', ST_GEOGPOINT(-180, 90) "
    "UNION ALL SELECT 3, 0, 0.0, NUMERIC '0', BIGNUMERIC '-0.5', TRUE, 'é 漢 😀', FROM_HEX('41'), TIME "
    "'12:34:56.5', JSON '[]', NULL "
    "UNION ALL SELECT 10 + k, CAST(NULL AS INT64), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM "
    "UNNEST(GENERATE_ARRAY(1, 6000)) AS k) ORDER BY o";

TEST_P(TestBigQueryStreams, ScalarsAreThoseOfThePages) {
    Logged logged;
    const std::string streams = written(with_streams(), scalars, true);
    EXPECT_THAT(logged.text(), HasSubstr("6003 rows are read by 1 stream of the Storage Read API"));
    EXPECT_EQ(streams, written(with_pages(), scalars, true));
    EXPECT_EQ(written(with_streams(), scalars, false), written(with_pages(), scalars, false));
    EXPECT_THAT(streams, HasSubstr("99999999999999999999999999999.999999999"));
    EXPECT_THAT(streams, HasSubstr("AP8Q"));
}

TEST_P(TestBigQueryStreams, MomentsAreThoseOfThePages) {
    const std::string sql =
        "SELECT d, dt, ts, iv FROM (SELECT 1 AS o, DATE '0001-01-01' AS d, DATETIME '0001-01-01T00:00:00.000001' AS "
        "dt, "
        "TIMESTAMP '0001-01-01 00:00:00.000001 UTC' AS ts, INTERVAL '1-2 3 4:5:6.789' YEAR TO SECOND AS iv "
        "UNION ALL SELECT 2, DATE '9999-12-31', DATETIME '9999-12-31T23:59:59.999999', TIMESTAMP '9999-12-31 "
        "23:59:59.999999 UTC', INTERVAL '-1-2 3 -4:5:6' YEAR TO SECOND "
        "UNION ALL SELECT 3, DATE '1969-12-31', DATETIME '1969-12-31T23:59:59.999999', TIMESTAMP '1969-12-31 "
        "23:59:59.999999 UTC', INTERVAL 0 DAY "
        "UNION ALL SELECT 10 + k, CAST(NULL AS DATE), NULL, NULL, NULL FROM UNNEST(GENERATE_ARRAY(1, 6000)) AS k) "
        "ORDER BY o";
    const std::string streams = written(with_streams(), sql, false);
    EXPECT_EQ(streams, written(with_pages(), sql, false));
    EXPECT_THAT(streams, HasSubstr("0001-01-01 00:00:00.000001"));
    EXPECT_THAT(streams, HasSubstr("9999-12-31 23:59:59.999999"));
}

TEST_P(TestBigQueryStreams, ArraysAndRecordsAreThoseOfThePages) {
    const std::string sql =
        "SELECT a, t, w, r, rr, rg FROM (SELECT 1 AS o, [3, 1, 2] AS a, [TIMESTAMP '2024-01-31 12:34:56.5 UTC'] AS t, "
        "['it\\'s', '', 'b\\\\c'] AS w, STRUCT(9007199254740993 AS x, NUMERIC '1.10' AS n, ['p', 'q'] AS v, "
        "STRUCT(FROM_HEX('ff') AS y, CAST(NULL AS STRING) AS z, DATE '2024-02-29' AS d) AS inner_) AS r, "
        "[STRUCT(1 AS k, [STRUCT('deep' AS m)] AS l), STRUCT(2 AS k, CAST([] AS ARRAY<STRUCT<m STRING>>) AS l)] AS rr, "
        "RANGE(DATE '2024-01-01', NULL) AS rg "
        "UNION ALL SELECT 10 + k, CAST([] AS ARRAY<INT64>), [], [], NULL, [], NULL FROM "
        "UNNEST(GENERATE_ARRAY(1, 6000)) AS k) ORDER BY o";
    const std::string streams = written(with_streams(), sql, true);
    EXPECT_EQ(streams, written(with_pages(), sql, true));
    EXPECT_EQ(written(with_streams(), sql, false), written(with_pages(), sql, false));
    EXPECT_THAT(streams, HasSubstr("9007199254740993"));
    EXPECT_THAT(streams, HasSubstr("[2024-01-01, UNBOUNDED)"));
}

TEST_P(TestBigQueryStreams, SeveralStreamsGiveEachRowOnce) {
    const std::string sql =
        "SELECT n, CONCAT('row ', CAST(n AS STRING)) AS s FROM UNNEST(GENERATE_ARRAY(1, 250000)) AS n";
    Logged logged;
    const std::string streams = written(with_streams(), sql, true, false);
    EXPECT_THAT(logged.text(), HasSubstr("250000 rows are read by "));
    std::vector<std::string> wanted;
    for (int n = 1; n <= 250'000; ++n) {
        const std::string number = std::to_string(n);
        wanted.push_back(GetParam() == Format::csv ? number + ",\"row " + number + "\""
                                                   : R"({"n":)" + number + R"(,"s":"row )" + number + "\"}");
    }
    std::sort(wanted.begin(), wanted.end());
    EXPECT_TRUE(sorted_lines(streams) == wanted);
}

TEST_P(TestBigQueryStreams, FirstAndFewRowsComeInPages) {
    Logged logged;
    row_limit = 3;
    const std::string sql = "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 7000)) AS n ORDER BY n DESC";
    EXPECT_THAT(written(with_streams(), sql, true), HasSubstr("7000"));
    row_limit = std::nullopt;
    written(with_streams(), "SELECT 1 AS n", true);
    EXPECT_THAT(logged.text(), Not(HasSubstr("Storage Read API")));
}

class TestBigQueryWithoutStreams : public TestBigQueryStreams {};

INSTANTIATE_TEST_SUITE_P(Formats, TestBigQueryWithoutStreams, ::testing::Values(Format::csv),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestBigQueryWithoutStreams, RowsComeInPages) {
    // The port of the REST API: what is there does not speak gRPC.
    const Environment wrong = with_streams().with("BIGQUERY_STORAGE_GRPC_ENDPOINT",
                                                  config::get("BIGQUERY_EMULATOR_HOST", bigquery_environment()));
    const std::string sql = "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 6000)) AS n ORDER BY n";
    Logged logged;
    const std::string pages = written(wrong, sql, true);
    EXPECT_THAT(logged.text(), HasSubstr("6000 rows are read page by page"));
    EXPECT_EQ(pages, written(with_pages(), sql, true));
}

TEST_P(TestBigQueryStreams, AStopEndsTheReading) {
    std::stop_source stop;
    const ExportRequest request{.query = "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 300000)) AS n",
                                .format = GetParam(),
                                .row_limit = {},
                                .stop = {}};
    bigquery::QueryRows rows(std::make_shared<bigquery::Api>(with_streams()), request,
                             [] { return "test_" + core::random_hex(8); });
    /// Asks for the stop with the first block.
    class Stopping final : public BufferSink {
    public:
        explicit Stopping(std::stop_source& stop) : stop_(stop) {}
        Buffer exchange(Buffer /*full*/, std::size_t wanted) override {
            stop_.request_stop();
            return Buffer(wanted);
        }

    private:
        std::stop_source& stop_;
    } sink(stop);
    RowWriterOptions options;
    options.format = GetParam();
    RowWriter writer({{.name = "n", .target = {}}}, options, sink);
    EXPECT_THROW(rows.write(writer, stop.get_token()), errors::InterruptedError);
}

TEST_P(TestBigQueryStreams, WhatIsSentAgainIsReadAgainAndNotRunAgain) {
    data.execute("CREATE TABLE {d}.t AS SELECT n FROM UNNEST(GENERATE_ARRAY(1, 150000)) AS n");
    const ExportRequest request{
        .query = data.sql("SELECT n FROM {d}.t"), .format = GetParam(), .row_limit = {}, .stop = {}};
    const std::string id = "test_" + core::random_hex(8);
    // The id can be used once.
    bigquery::QueryRows rows(std::make_shared<bigquery::Api>(with_streams()), request, [&] { return id; });
    class Broken final : public BufferSink {
    public:
        Buffer exchange(Buffer /*full*/, std::size_t /*wanted*/) override { throw std::runtime_error("broken"); }
    } broken;
    Kept kept;
    RowWriterOptions options;
    options.format = GetParam();
    RowWriter first({{.name = "n", .target = {}}}, options, broken);
    EXPECT_THROW(rows.write(first, {}), std::runtime_error);
    RowWriter second({{.name = "n", .target = {}}}, options, kept);
    rows.write(second, {});
    second.finish();
    EXPECT_EQ(sorted_lines(kept.text).size(), 150'000U);
    std::size_t runs = 0;
    for (const Value& job : data.jobs()) {
        runs += rest::text_at(job, {"configuration", "query", "query"}) == request.query ? 1U : 0U;
    }
    EXPECT_EQ(runs, 1U);
}

TEST(TestBigQueryGrpc, AFailureHasItsStatusAndText) {
    grpc::Client client("BigQuery", "http://" + config::get("BIGQUERY_STORAGE_GRPC_ENDPOINT"));
    grpc::Call call{.method = "/google.cloud.bigquery.storage.v1.BigQueryRead/CreateReadSession",
                    .request = bigquery::create_session_request("kit", "projects/kit/datasets/none/tables/missing", 1)};
    try {
        client.unary(call);
        FAIL() << "there is no such table";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "NOT_FOUND");
        EXPECT_FALSE(error.retryable());
        EXPECT_THAT(error.what(), HasSubstr("BigQuery: CreateReadSession: Not found"));
    }
    call.method = "/google.cloud.bigquery.storage.v1.BigQueryRead/NoSuchMethod";
    try {
        client.unary(call);
        FAIL() << "there is no such method";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "UNIMPLEMENTED");
    }
}

TEST(TestBigQueryGrpc, AMessageThatIsTooLargeIsRefused) {
    Dataset data;
    data.execute("CREATE TABLE {d}.t AS SELECT 1 AS n");
    grpc::Client client("BigQuery", "http://" + config::get("BIGQUERY_STORAGE_GRPC_ENDPOINT"));
    const std::string table = "projects/" + data.project() + "/datasets/" + data.name() + "/tables/t";
    const grpc::Call call{.method = "/google.cloud.bigquery.storage.v1.BigQueryRead/CreateReadSession",
                          .request = bigquery::create_session_request("kit", table, 1),
                          .largest_message = 10};
    try {
        client.unary(call);
        FAIL() << "a session has more than ten bytes";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("and 10 are taken at most"));
        EXPECT_FALSE(error.retryable());
    }
}

}  // namespace
}  // namespace tinybird_cdk
