// SPDX-License-Identifier: Apache-2.0
// Loads from Snowflake by a stage: what is in the data source afterwards, and that nothing is left in the bucket, nor
// runs on. COPY INTO is played by tests/helpers/snowflake_service, which writes an object for each 5,000 rows.
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/cloud/gcs.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>
#include <tinybird_cdk/rest.hpp>
#include <tinybird_cdk/warehouse_connector.hpp>

#include "account.hpp"
#include "connectors/snowflake/stage.hpp"
#include "core/ids.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::HasSubstr;
using testing::Namespace;
using ::testing::Not;
using testing::snowflake_environment;
using testing::Target;

/// A bucket of the Cloud Storage that bin/test started; on a real account the folder of the stage that SF_STAGE names.
class Bucket {
public:
    Bucket() {
        if (!testing::emulator_url()) {
            return;
        }
        endpoint_ = config::get("STORAGE_EMULATOR_HOST");
        rest::Client client("GCS");
        const auto answer = client.send({.method = "POST",
                                         .url = endpoint_ + "/storage/v1/b",
                                         .query = {{"project", "p"}},
                                         .body = R"({"name":")" + name_ + R"("})"});
        if (!answer.ok()) {
            throw std::runtime_error(answer.body);
        }
    }

    [[nodiscard]] Environment environment() const {
        return endpoint_.empty()
                   ? snowflake_environment().with("SF_STAGE", Environment::process().get("SF_STAGE").value_or(""))
                   : snowflake_environment().with("STORAGE_EMULATOR_HOST", endpoint_);
    }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::vector<std::string> objects() const {
        if (!endpoint_.empty()) {
            return keys(cloud::gcs::Client(environment()).list(name_, ""));
        }
        snowflake::Session session(environment());
        const snowflake::Stage stage = snowflake::find_stage(session, environment().get("SF_STAGE").value(), {});
        return keys(snowflake::store_of(stage, environment())->list(stage.bucket.bucket, stage.bucket.key));
    }

private:
    static std::vector<std::string> keys(const std::vector<cloud::Object>& objects) {
        std::vector<std::string> keys;
        keys.reserve(objects.size());
        for (const cloud::Object& object : objects) {
            keys.push_back(object.key);
        }
        return keys;
    }

    std::string endpoint_;
    const std::string name_ = "unload-" + core::random_hex(8);
};

class TestSnowflakeUnload : public ::testing::TestWithParam<Format> {
protected:
    void SetUp() override {
        std::string stage = bucket.environment().get("SF_STAGE").value_or("");
        if (testing::emulator_url()) {
            stage = data.sql("{s}.UNLOADS");
            data.execute("CREATE STAGE {s}.UNLOADS URL = 'gcs://" + bucket.name() + "/loads/'");
        }
        if (stage.empty()) {
            GTEST_SKIP() << "on a real account: TB_CDK_TEST_SUITE_SF_STAGE names no stage";
        }
        objects_before = bucket.objects();
        connector = sql_connector_for("snowflake", bucket.environment().with("SF_STAGE", stage));
        options.format = GetParam();
        options.on_quarantine = tinybird::OnQuarantine::fail;
        by(Route::bucket);
    }
    void TearDown() override {
        if (connector) {
            EXPECT_EQ(bucket.objects(), objects_before);
        }
    }

    void by(Route route) { dynamic_cast<WarehouseConnector&>(*connector).set_route(route); }
    [[nodiscard]] schema::Schema suggested(const std::string& table) {
        return connector->suggest_schema(data.table(table));
    }
    /// How the statements are to have ended that wrote from this schema; the history of a real account is late.
    void expect_copies(const std::vector<std::string>& expected) const {
        if (!testing::emulator_url()) {
            return;
        }
        std::vector<std::string> ends;
        for (const Value& query : testing::queries_with("COPY INTO @")) {
            if (query.at("text").to_text().find(data.name()) != std::string::npos) {
                ends.push_back(query.at("status").to_text());
            }
        }
        EXPECT_EQ(ends, expected);
    }

    Namespace data;
    Bucket bucket;
    std::unique_ptr<SqlConnector> connector;
    LoadOptions options;
    std::vector<std::string> objects_before;
};

/// Tests of what a real account can't be told to do, or has not.
class TestSnowflakePlayedUnload : public TestSnowflakeUnload {
protected:
    void SetUp() override {
        if (!testing::emulator_url()) {
            GTEST_SKIP() << "on a real account: it can't be told to fail, to be late or to encrypt";
        }
        TestSnowflakeUnload::SetUp();
    }
};

INSTANTIATE_TEST_SUITE_P(Formats, TestSnowflakeUnload, ::testing::Values(Format::csv, Format::ndjson, Format::parquet),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });
INSTANTIATE_TEST_SUITE_P(Formats, TestSnowflakePlayedUnload,
                         ::testing::Values(Format::csv, Format::ndjson, Format::parquet),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestSnowflakeUnload, EachTypeArrivesAsItDoesDirectly) {
    data.execute(
        "CREATE TABLE {s}.T AS SELECT 1 AS O, -9007199254740993 AS I, 12.50::NUMBER(10,2) AS N, TRUE AS B, "
        "'a\"b\\nc,\\\\\\\\N' AS S, NULL::VARCHAR AS Z, '' AS E, '\\\\\\\\N' AS Q, ' x ' AS P, '2024-02-29'::DATE AS "
        "D, '2024-01-31 "
        "12:34:56.789012'::TIMESTAMP_NTZ AS M, '1969-12-31 23:59:59.000001+00'::TIMESTAMP_TZ AS L, '12:34:56'::TIME AS "
        "T, PARSE_JSON('{\"a\":[1,null]}') AS J, X'00ff' AS Y, NULL::TIMESTAMP_NTZ AS ZM UNION ALL SELECT 2, NULL, "
        "NULL, NULL, NULL, NULL, NULL, "
        "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL");
    const schema::Schema schema = suggested("T");
    Target unloaded(schema);
    Target direct(schema);
    const std::string query = connector->ingest_query(schema);
    const LoadResult result = connector->append(query, unloaded.name(), options);
    EXPECT_EQ(result.rows, 2U);
    EXPECT_EQ(result.left_behind, "");
    by(Route::direct);
    connector->append(query, direct.name(), options);
    const auto rows = [](Target& target) {
        return Value(target.query("*", "ORDER BY O").at(0)).to_json() +
               Value(target.query("*", "ORDER BY O").at(1)).to_json();
    };
    EXPECT_EQ(rows(unloaded), rows(direct));
    EXPECT_EQ(unloaded.text("concat(E, '|', toString(isNull(E)), toString(isNull(Z)), P)", "WHERE O = 1"), "|01 x ");
    expect_copies({"SUCCESS"});
}

/// What stands for NULL in CSV is a text, too.
TEST_P(TestSnowflakeUnload, NullIsNotATextThatLooksLikeIt) {
    data.execute(
        "CREATE TABLE {s}.T AS SELECT 1 AS O, NULL::VARCHAR AS S UNION ALL SELECT 2, '\\\\N' UNION ALL SELECT 3, '' "
        "UNION ALL SELECT 4, 'NULL' UNION ALL SELECT 5, '\"\\\\N\"' UNION ALL SELECT 6, '\"' UNION ALL SELECT 7, "
        "'\\\\' UNION ALL SELECT 8, 'a\\\\,b\\nc\\\\\"'");
    const schema::Schema schema = suggested("T");
    Target target(schema);
    connector->append(connector->ingest_query(schema), target.name(), options);
    std::vector<std::string> texts;
    for (const Value::Record& row : target.query("S", "ORDER BY O")) {
        texts.push_back(row.front().second.is_null() ? "NULL" : "'" + row.front().second.to_text() + "'");
    }
    EXPECT_THAT(texts,
                ::testing::ElementsAre("NULL", "'\\N'", "''", "'NULL'", "'\"\\N\"'", "'\"'", "'\\'", "'a\\,b\nc\\\"'"));
    expect_copies({"SUCCESS"});
}

/// In Parquet a cast is what chooses the bytes of a number.
TEST_P(TestSnowflakeUnload, CastsInTheQueryDoNotCutNumbers) {
    data.execute("CREATE TABLE {s}.T AS SELECT '0.1'::FLOAT AS F, '1234567'::NUMBER(38,0) AS I");
    Target target(suggested("T"));
    connector->append(data.sql("SELECT F::FLOAT AS F, I::INT AS I FROM {s}.T"), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(F), ' ', toString(I))"), "0.1 1234567");
    expect_copies({"SUCCESS"});
}

/// Snowflake calls all of them NUMBER(38,0).
TEST_P(TestSnowflakeUnload, WholeNumbersGoIntoNarrowerColumnsThatHoldThem) {
    data.execute(
        "CREATE TABLE {s}.T AS SELECT 1 AS O, -9223372036854775807 AS I, 255 AS U, -128 AS S, 99.99::NUMBER(10,2) AS D "
        "UNION ALL SELECT 2, 9223372036854775807, 0, 127, -99.99 UNION ALL SELECT 3, NULL, 7, NULL, NULL");
    schema::Schema schema;
    schema.table = "T";
    schema.columns = {{.name = "O", .type = schema::UInt64()},
                      {.name = "I", .type = schema::Nullable(schema::Int64())},
                      {.name = "U", .type = schema::UInt8()},
                      {.name = "S", .type = schema::Nullable(schema::Int8())},
                      {.name = "D", .type = schema::Nullable(schema::Decimal(4, 2))}};
    Target target(schema);
    connector->append(data.sql("SELECT O, I, U, S, D FROM {s}.T"), target.name(), options);
    EXPECT_EQ(
        target.text("arrayStringConcat(arraySort(groupArray(concat(toString(O), ' ', ifNull(toString(I), 'NULL'), ' ', "
                    "toString(U), ' ', ifNull(toString(S), 'NULL'), ' ', ifNull(toString(D), 'NULL')))), ', ')"),
        "1 -9223372036854775807 255 -128 99.99, 2 9223372036854775807 0 127 -99.99, 3 NULL 7 NULL NULL");
    expect_copies({"SUCCESS"});
}

TEST_P(TestSnowflakeUnload, DigitsThatTheirPlaceDoesNotHoldFailTheUnload) {
    schema::Schema schema;
    schema.table = "T";
    schema.columns = {{.name = "D", .type = schema::Nullable(schema::Decimal(4, 2))}};
    Target target(schema);
    connector->append("SELECT 12.3400::NUMBER(10,4) AS D UNION ALL SELECT -99.99::NUMBER(10,4)", target.name(),
                      options);
    EXPECT_EQ(target.text("arraySort(groupArray(toString(D)))"), target.text("['-99.99', '12.34']"));
    for (const char* const value : {"12.3456", "-0.0001", "100"}) {
        try {
            connector->append(std::string("SELECT ") + value + "::NUMBER(10,4) AS D", target.name(), options);
            ADD_FAILURE() << value << " does not fit";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr(std::string("column \"D\": the value ") + value));
            EXPECT_THAT(error.what(), HasSubstr("none of the numbers of Decimal(4, 2)"));
        }
    }
    EXPECT_EQ(target.text("count()"), "2");
}

TEST_P(TestSnowflakeUnload, ANumberThatItsPlaceDoesNotHoldFailsTheUnload) {
    schema::Schema schema;
    schema.table = "T";
    schema.columns = {{.name = "I", .type = schema::Nullable(schema::Int64())}, {.name = "U", .type = schema::UInt8()}};
    Target target(schema);
    const auto refused = [&](const std::string& values, const std::string& column, const std::string& value) {
        try {
            connector->append("SELECT 1 AS I, 1 AS U UNION ALL SELECT " + values, target.name(), options);
            ADD_FAILURE() << values << " does not fit";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("column \"" + column + "\": the value " + value + " "));
            EXPECT_THAT(error.hint(), HasSubstr("number_range"));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
        }
    };
    refused("TO_DECIMAL('9223372036854775808', 38, 0), 1", "I", "9223372036854775808");
    refused("1, 256", "U", "256");
    refused("1, -1", "U", "-1");
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestSnowflakeUnload, ColumnsFindTheirPlaceByName) {
    data.execute("CREATE TABLE {s}.T AS SELECT 1 AS A, 2 AS B");
    Target target(suggested("T"));
    connector->append(data.sql("SELECT B, A FROM {s}.T"), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(A), ' ', toString(B))"), "1 2");
}

TEST_P(TestSnowflakeUnload, SeveralObjectsAreOneLoad) {
    data.execute("CREATE TABLE {s}.T AS SELECT SEQ4() + 1 AS N FROM TABLE(GENERATOR(ROWCOUNT => 12000))");
    const schema::Schema schema = suggested("T");
    Target target(schema);
    EXPECT_EQ(connector->append(connector->ingest_query(schema), target.name(), options).rows, 12000U);
    EXPECT_EQ(target.text("concat(toString(count()), ' ', toString(sum(N)))"), "12000 72006000");
    if (options.format == Format::parquet) {
        // An import for each object: no way for a replace of more than one.
        EXPECT_THROW(connector->replace(connector->ingest_query(schema), target.name(), options), errors::Error);
        EXPECT_EQ(target.text("count()"), "12000");
    }
    connector->replace(data.sql("SELECT N FROM {s}.T WHERE N < 4;"), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(count()), ' ', toString(sum(N)))"), "3 6");
}

TEST_P(TestSnowflakeUnload, AnEmptyResultIsNoImport) {
    data.execute("CREATE TABLE {s}.T (N INT)");
    const schema::Schema schema = suggested("T");
    Target target(schema);
    EXPECT_EQ(connector->append(connector->ingest_query(schema), target.name(), options).rows, 0U);
    EXPECT_EQ(target.text("count()"), "0");
}

/// Text of Snowflake's has nine digits behind the point.
TEST_P(TestSnowflakeUnload, FloatsGoAsParquet) {
    data.execute("CREATE TABLE {s}.T AS SELECT 0.30000000000000004::FLOAT AS F, 1.5e-300::FLOAT AS G");
    const schema::Schema schema = suggested("T");
    Target target(schema);
    connector->append(connector->ingest_query(schema), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(F), ' ', toString(G))"), "0.30000000000000004 1.5e-300");
    expect_copies({"SUCCESS"});
    if (options.format != Format::parquet) {
        try {
            connector->replace(connector->ingest_query(schema), target.name(), options);
            FAIL() << "Parquet is an import for each object";
        } catch (const errors::InvalidArgument& error) {
            EXPECT_THAT(error.what(), HasSubstr("one import or none"));
        }
    }
    by(Route::automatic);
    connector->replace(connector->ingest_query(schema), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(F), ' ', toString(G))"), "0.30000000000000004 1.5e-300");
    expect_copies({"SUCCESS"});
}

TEST_P(TestSnowflakeUnload, AYearThatTheTypeDoesNotHoldFailsTheUnload) {
    data.execute("CREATE TABLE {s}.T AS SELECT '1899-12-31'::DATE AS D, '2299-12-31'::DATE AS E");
    Target target(suggested("T"));
    connector->append(data.sql("SELECT E FROM {s}.T"), target.name(), options);
    EXPECT_EQ(target.text("toString(E)"), "2299-12-31");
    try {
        connector->append(data.sql("SELECT D FROM {s}.T"), target.name(), options);
        FAIL() << "the year is before 1900";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("column \"D\""));
        EXPECT_THAT(error.what(), HasSubstr("1899-12-31"));
        EXPECT_THAT(error.hint(), HasSubstr("date_range"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
    }
    EXPECT_EQ(target.text("count()"), "1");
}

/// Which the driver does not read: no policy would help.
TEST_P(TestSnowflakeUnload, AYearThatNanosecondsDoNotHoldHasAHintThatHelps) {
    data.execute("CREATE TABLE {s}.T AS SELECT '9999-12-31'::TIMESTAMP_NTZ AS M");
    Target target(suggested("T"));
    try {
        connector->append(data.sql("SELECT M FROM {s}.T"), target.name(), options);
        FAIL() << "the year is behind 2262";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("9999-12-31"));
        EXPECT_THAT(error.hint(), HasSubstr("::TIMESTAMP_NTZ(6)"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
    }
}

/// The driver gives it as a number of months.
TEST_P(TestSnowflakePlayedUnload, AnIntervalArrivesAsTextByBothWays) {
    data.execute("CREATE TABLE {s}.T (O INT, I VARCHAR)");
    const std::string query =
        "SELECT 1 AS O, INTERVAL '14' MONTH AS I UNION ALL SELECT 2, NULL UNION ALL SELECT 3, INTERVAL '1' MONTH";
    const schema::Schema schema = suggested("T");
    for (const Route route : {Route::direct, Route::bucket}) {
        by(route);
        Target target(schema);
        connector->append(query, target.name(), options);
        EXPECT_THAT(target.text("I", "WHERE O = 1"), HasSubstr("month"));
        EXPECT_EQ(target.text("isNull(I)", "WHERE O = 2"), "1");
        EXPECT_EQ(target.text("count()"), "3");
    }
}

/// What is written can't be read without a key that Tinybird does not have.
TEST_P(TestSnowflakePlayedUnload, AStageThatEncryptsIsRefused) {
    data.execute("CREATE TABLE {s}.T AS SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 12000))");
    data.execute("CREATE STAGE {s}.ENCRYPTED URL = 'gcs://" + bucket.name() +
                 "/encrypted/' ENCRYPTION = (TYPE = 'AWS_CSE' MASTER_KEY = 'MDEyMzQ1Njc4OWFiY2RlZg==')");
    Target target(suggested("T"));
    connector = sql_connector_for("snowflake", bucket.environment().with("SF_STAGE", data.sql("{s}.ENCRYPTED")));
    by(Route::bucket);
    try {
        connector->append(data.sql("SELECT N FROM {s}.T"), target.name(), options);
        FAIL() << "the objects are encrypted";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr(data.sql("{s}.ENCRYPTED")));
        EXPECT_THAT(error.hint(), HasSubstr("AWS_CSE"));
    }
    EXPECT_EQ(target.text("count()"), "0");
}

/// What is written may be beside the folder then.
TEST_P(TestSnowflakePlayedUnload, AStageWithoutASlashAtItsEndIsToldToHaveOne) {
    data.execute("CREATE TABLE {s}.T AS SELECT 1 AS N");
    data.execute("CREATE STAGE {s}.SLASHLESS URL = 'gcs://" + bucket.name() + "/beside'");
    Target target(suggested("T"));
    connector = sql_connector_for("snowflake", bucket.environment().with("SF_STAGE", data.sql("{s}.SLASHLESS")));
    by(Route::bucket);
    try {
        connector->append(data.sql("SELECT N FROM {s}.T"), target.name(), options);
        FAIL() << "the object is elsewhere";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("gcs://" + bucket.name() + "/beside"));
        EXPECT_THAT(error.hint(), HasSubstr("slash"));
    }
    EXPECT_EQ(target.text("count()"), "0");
    cloud::gcs::Client store(bucket.environment());
    for (const cloud::Object& object : store.list(bucket.name(), "beside")) {
        store.rm(bucket.name(), object.key);
    }
}

/// Text of FLOAT has fewer digits than its values.
TEST_P(TestSnowflakePlayedUnload, ADryRunShowsTheRequestsOfItsWay) {
    data.execute("CREATE TABLE {s}.T AS SELECT 1.5::FLOAT AS F");
    Target target(suggested("T"));
    by(Route::bucket);
    options.format = Format::csv;
    const LoadPreview preview = connector->preview_append(data.sql("SELECT F FROM {s}.T"), target.name(), options);
    EXPECT_EQ(preview.format, Format::parquet);
    EXPECT_FALSE(preview.plan);
    EXPECT_THAT(preview.requests.front(), HasSubstr("/append?format=parquet&url=…, once for each import"));
    EXPECT_THAT(preview.warehouse->why, HasSubstr("it was asked for; as parquet: "));
}

/// How much is read is of interest, and nothing depends on it.
TEST_P(TestSnowflakePlayedUnload, AQueryWithoutAPlanIsLoaded) {
    data.execute("CREATE TABLE {s}.T AS SELECT 1 AS N");
    Target target(suggested("T"));
    for (const Route route : {Route::bucket, Route::automatic}) {
        by(route);
        connector->append(data.sql("SELECT N /* not explained */ FROM {s}.T"), target.name(), options);
    }
    EXPECT_EQ(target.text("count()"), "2");
}

/// What Snowflake says of the columns of a result is wrong at times.
TEST_P(TestSnowflakePlayedUnload, ANullThatIsDescribedAsNoneIsRefused) {
    data.execute(
        "CREATE TABLE {s}.T AS SELECT 1 AS N, 'x' AS S, '2024-02-29'::DATE AS D UNION ALL SELECT NULL, NULL, NULL");
    schema::Schema schema = suggested("T");
    for (schema::Column& column : schema.columns) {
        column.type = column.type.with_nullable(false);
    }
    Target target(schema);
    const std::string query = data.sql("SELECT N, S, D /* described as NOT NULL */ FROM {s}.T");
    connector->append(query + " WHERE N = 1", target.name(), options);
    EXPECT_EQ(target.text("concat(toString(N), S, toString(D))"), "1x2024-02-29");
    for (const char* const column : {"N", "S", "D"}) {
        try {
            const auto value = [&](const char* name, const char* other) {
                return std::string(name) == column ? std::string(name) : std::string(other) + " AS " + name;
            };
            connector->append("SELECT " + value("N", "1") + ", " + value("S", "'x'") + ", " +
                                  value("D", "'2024-02-29'::DATE") + " FROM (" + query + ")",
                              target.name(), options);
            FAIL() << column << " has NULL";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr(std::string("column \"") + column + "\" has NULL"));
            EXPECT_THAT(error.hint(), HasSubstr("COALESCE"));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
        }
    }
    EXPECT_EQ(target.text("count()"), "1");
}

/// How a text is read as a date is the account's; the emulator's user has days first.
TEST_P(TestSnowflakePlayedUnload, FormatsOfAnAccountChangeNothing) {
    data.execute("CREATE TABLE {s}.T AS SELECT '2024-02-29'::DATE AS D, '2024-01-31 12:34:56.5'::TIMESTAMP_NTZ AS M");
    Target target(suggested("T"));
    const auto european = sql_connector_for(
        "snowflake", bucket.environment().with("SF_STAGE", data.sql("{s}.UNLOADS")).with("SF_USER", "EUROPEAN"));
    dynamic_cast<WarehouseConnector&>(*european).set_route(Route::bucket);
    european->append(data.sql("SELECT D, M FROM {s}.T"), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(D), ' ', toString(M))"), "2024-02-29 2024-01-31 12:34:56.500000000");
}

TEST_P(TestSnowflakePlayedUnload, WhatAFirstAttemptHasWrittenIsNotLoaded) {
    data.execute("CREATE TABLE {s}.T AS SELECT SEQ4() + 1 AS N FROM TABLE(GENERATOR(ROWCOUNT => 12000))");
    Target target(suggested("T"));
    EXPECT_EQ(
        connector->append(data.sql("SELECT N /* begins anew after an object */ FROM {s}.T"), target.name(), options)
            .rows,
        12000U);
    EXPECT_EQ(target.text("concat(toString(count()), ' ', toString(sum(N)))"), "12000 72006000");
}

/// After three of four objects were written.
TEST_P(TestSnowflakeUnload, AFailedUnloadLeavesNothing) {
    data.execute("CREATE TABLE {s}.T AS SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 20000))");
    Target target(suggested("T"));
    try {
        connector->append(data.sql("SELECT IFF(N = 19999, 'boom', N::VARCHAR)::INT AS N FROM {s}.T"), target.name(),
                          options);
        FAIL() << "the query fails";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("boom"));
        EXPECT_THAT(error.hint(), HasSubstr("/#/compute/history/queries/"));
    }
    EXPECT_EQ(target.text("count()"), "0");
    expect_copies({"FAILED"});
}

/// The statement that writes waits in the emulator, after its first object, until it is cancelled.
TEST_P(TestSnowflakePlayedUnload, AStopEndsTheQueryAndLeavesNothing) {
    data.execute("CREATE TABLE {s}.T AS SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 20000))");
    Target target(suggested("T"));
    std::stop_source stop;
    options.stop = stop.get_token();
    const std::jthread stopper([&](const std::stop_token& end) {
        while (!end.stop_requested() && bucket.objects().empty()) {
            std::this_thread::yield();
        }
        stop.request_stop();
    });
    EXPECT_THROW(connector->append(data.sql("SELECT N /* hold after an object */ FROM {s}.T"), target.name(), options),
                 errors::InterruptedError);
    EXPECT_EQ(target.text("count()"), "0");
    expect_copies({"FAILED"});
}

/// It is looked for until it is over: while its warehouse resumes it may write yet.
TEST_P(TestSnowflakePlayedUnload, AStopWaitsForAQueryThatHasNotEnded) {
    data.execute("CREATE TABLE {s}.T AS SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 20000))");
    Target target(suggested("T"));
    std::stop_source stop;
    options.stop = stop.get_token();
    const std::jthread stopper([&](const std::stop_token& end) {
        while (!end.stop_requested() && bucket.objects().empty()) {
            std::this_thread::yield();
        }
        stop.request_stop();
    });
    EXPECT_THROW(
        connector->append(data.sql("SELECT N /* resumes after an object */ FROM {s}.T"), target.name(), options),
        errors::InterruptedError);
    expect_copies({"FAILED"});
}

TEST_P(TestSnowflakeUnload, SmallResultsGoDirectlyUnlessToldOtherwise) {
    data.execute("CREATE TABLE {s}.T AS SELECT 1 AS N");
    Target target(suggested("T"));
    by(Route::automatic);
    connector->append(data.sql("SELECT N FROM {s}.T"), target.name(), options);
    EXPECT_EQ(target.text("count()"), "1");
    expect_copies({});
}

TEST_P(TestSnowflakeUnload, AStageThatDoesNotExistIsSaid) {
    data.execute("CREATE TABLE {s}.T AS SELECT 1 AS N");
    Target target(suggested("T"));
    connector = sql_connector_for("snowflake", bucket.environment().with("SF_STAGE", data.sql("{s}.MISSING")));
    by(Route::bucket);
    try {
        connector->append(data.sql("SELECT N FROM {s}.T"), target.name(), options);
        FAIL() << "there is no such stage";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("Check SF_STAGE"));
    }
    by(Route::direct);
    EXPECT_EQ(connector->append(data.sql("SELECT N FROM {s}.T"), target.name(), options).rows, 1U);
    // The default one need not be there.
    connector = sql_connector_for("snowflake", bucket.environment().with("TB_WORKSPACE_ID", "0a1b-2c3d"));
    EXPECT_EQ(connector->append(data.sql("SELECT N FROM {s}.T"), target.name(), options).rows, 1U);
    // Nor have a name that could be one.
    connector = sql_connector_for(
        "snowflake", bucket.environment().with("TB_WORKSPACE_ID", "0a1b-2c3d").with("SF_ROLE", "role with blanks"));
    EXPECT_EQ(connector->append(data.sql("SELECT N FROM {s}.T"), target.name(), options).rows, 1U);
}

/// What Snowflake writes would be looked for in another storage account, and stay.
TEST_P(TestSnowflakePlayedUnload, AStageOfAnotherStorageAccountIsRefused) {
    data.execute("CREATE TABLE {s}.T AS SELECT 1 AS N");
    data.execute("CREATE STAGE {s}.ON_AZURE URL = 'azure://theirs.blob.core.windows.net/unloads/'");
    Target target(suggested("T"));
    // What else runs beside these tests may need a storage account.
    const Environment of_nobody = snowflake_environment().with("AZURE_STORAGE_CONNECTION_STRING", "");
    const Environment of_ours = of_nobody.with("AZURE_STORAGE_ACCOUNT", "ours").with("AZURE_STORAGE_KEY", "a2V5");
    connector = sql_connector_for("snowflake", of_ours.with("SF_STAGE", data.sql("{s}.ON_AZURE")));
    by(Route::bucket);
    try {
        connector->append(data.sql("SELECT N FROM {s}.T"), target.name(), options);
        FAIL() << "the account is another one";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("in the storage account theirs"));
        EXPECT_THAT(error.what(), HasSubstr("those of ours"));
    }
    expect_copies({});
    // The default stage was not asked for, with credentials or without.
    data.execute("CREATE STAGE {s}.TINYBIRD_STAGE__W__LOADER URL = 'azure://theirs.blob.core.windows.net/unloads/'");
    for (const Environment& one : {of_ours, of_nobody}) {
        connector = sql_connector_for("snowflake", one.with("SF_SCHEMA", data.name()).with("TB_WORKSPACE_ID", "w"));
        EXPECT_EQ(connector->append(data.sql("SELECT N FROM {s}.T"), target.name(), options).rows, 1U);
    }
}

}  // namespace
}  // namespace tinybird_cdk
