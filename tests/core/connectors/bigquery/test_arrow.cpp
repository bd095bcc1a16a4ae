// SPDX-License-Identifier: Apache-2.0
// Rows in Arrow's format: what an emulator does not give, and messages that are damaged. That the values are those of
// the REST API is seen in tests/connectors/sql/bigquery/test_streams.cpp.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <nanoarrow/nanoarrow.h>
#include <nanoarrow/nanoarrow_ipc.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/record_batches.hpp>
#include <tinybird_cdk/row_writer.hpp>

#include "connectors/bigquery/arrow_batches.hpp"
#include "connectors/bigquery/arrow_column.hpp"

namespace tinybird_cdk::bigquery {
namespace {

using ::testing::HasSubstr;

void check(int code) {
    if (code != NANOARROW_OK) {
        throw std::runtime_error("nanoarrow");
    }
}

class Kept final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        text.append(full.view());
        return Buffer(wanted);
    }
    std::string text;
};

/// One column "c", as a server would send it.
class Sent {
public:
    using Define = std::function<void(ArrowSchema*)>;
    using Fill = std::function<void(ArrowArray*)>;

    Sent(const Define& define, const Fill& fill) {
        ArrowSchemaInit(schema_.out());
        check(ArrowSchemaSetTypeStruct(schema_.get(), 1));
        ArrowSchema* const child = schema_.get()->children[0];
        define(child);
        check(ArrowSchemaSetName(child, "c"));
        check(ArrowArrayInitFromSchema(array_.out(), schema_.get(), nullptr));
        check(ArrowArrayStartAppending(array_.get()));
        fill(array_.get()->children[0]);
        array_.get()->length = array_.get()->children[0]->length;
        check(ArrowArrayFinishBuildingDefault(array_.get(), nullptr));
    }

    [[nodiscard]] std::string schema_message() const {
        return encoded([&](ArrowIpcEncoder* encoder, ArrowBuffer*) {
            check(ArrowIpcEncoderEncodeSchema(encoder, &*schema_, nullptr));
        });
    }
    [[nodiscard]] std::string batch_message() const {
        return encoded([&](ArrowIpcEncoder* encoder, ArrowBuffer* body) {
            ArrowArrayView view;
            check(ArrowArrayViewInitFromSchema(&view, &*schema_, nullptr));
            check(ArrowArrayViewSetArray(&view, &*array_, nullptr));
            check(ArrowIpcEncoderEncodeSimpleRecordBatch(encoder, &view, body, nullptr));
            ArrowArrayViewReset(&view);
        });
    }
    [[nodiscard]] std::uint64_t rows() const { return static_cast<std::uint64_t>(array_->length); }

private:
    static std::string encoded(const std::function<void(ArrowIpcEncoder*, ArrowBuffer*)>& encode) {
        ArrowIpcEncoder encoder;
        check(ArrowIpcEncoderInit(&encoder));
        ArrowBuffer head;
        ArrowBuffer body;
        ArrowBufferInit(&head);
        ArrowBufferInit(&body);
        encode(&encoder, &body);
        check(ArrowIpcEncoderFinalizeBuffer(&encoder, 1, &head));
        std::string message(reinterpret_cast<const char*>(head.data), static_cast<std::size_t>(head.size_bytes));
        message.append(body.size_bytes == 0 ? "" : reinterpret_cast<const char*>(body.data),
                       static_cast<std::size_t>(body.size_bytes));
        ArrowBufferReset(&head);
        ArrowBufferReset(&body);
        ArrowIpcEncoderReset(&encoder);
        return message;
    }

    OwnedArrowSchema schema_;
    OwnedArrowArray array_;
};

/// The values as text, in NDJSON. @param type of the column, as the REST API describes it: JSON without braces
std::string written(const std::string& type, const std::string& schema, const std::string& batch, std::uint64_t rows) {
    const std::vector<Field> fields = fields_of(Value::from_json(R"({"fields":[{"name":"c",)" + type + "}]}"));
    ArrowBatches batches(schema);
    const auto columns = make_arrow_columns(fields, batches.schema());
    const ArrowArrayView& view = batches.read(batch, rows);
    Kept kept;
    RowWriterOptions options;
    options.format = Format::ndjson;
    options.hazards.set(Hazard::date_range, HazardPolicy::text);
    RowWriter writer({{.name = "c", .target = {}}}, options, kept);
    for (std::int64_t row = 0; row < view.length; ++row) {
        writer.begin_row();
        columns[0]->write(writer, *view.children[0], row);
        writer.end_row();
    }
    writer.finish();
    return kept.text;
}

std::string written(const std::string& type, const Sent& sent) {
    return written(type, sent.schema_message(), sent.batch_message(), sent.rows());
}

Sent::Define of_type(ArrowType type) {
    return [type](ArrowSchema* schema) { check(ArrowSchemaSetType(schema, type)); };
}

Sent::Fill integers(const std::vector<std::int64_t>& values) {
    return [values](ArrowArray* array) {
        for (const std::int64_t value : values) {
            check(ArrowArrayAppendInt(array, value));
        }
        check(ArrowArrayAppendNull(array, 1));
    };
}

Sent::Define moments(ArrowTimeUnit unit, const char* zone) {
    return
        [=](ArrowSchema* schema) { check(ArrowSchemaSetTypeDateTime(schema, NANOARROW_TYPE_TIMESTAMP, unit, zone)); };
}

TEST(TestBigQueryArrow, BignumericHasMoreDigitsThanItsArrowType) {
    const Sent sent(
        [](ArrowSchema* schema) { check(ArrowSchemaSetTypeDecimal(schema, NANOARROW_TYPE_DECIMAL256, 76, 38)); },
        [](ArrowArray* array) {
            ArrowDecimal decimal;
            ArrowDecimalInit(&decimal, 256, 76, 38);
            // The highest and the lowest of BIGNUMERIC: ±2^255.
            for (const bool negative : {false, true}) {
                for (int word = 0; word < 4; ++word) {
                    const bool high = word == 3;
                    decimal.words[word] =
                        negative ? (high ? UINT64_C(1) << 63U : 0) : (high ? UINT64_MAX >> 1U : UINT64_MAX);
                }
                check(ArrowArrayAppendDecimal(array, &decimal));
            }
        });
    EXPECT_EQ(written(R"("type":"BIGNUMERIC")", sent),
              "{\"c\":\"578960446186580977117854925043439539266.34992332820282019728792003956564819967\"}\n"
              "{\"c\":\"-578960446186580977117854925043439539266.34992332820282019728792003956564819968\"}\n");
}

TEST(TestBigQueryArrow, IntervalsMayBeArrowsOwn) {
    const Sent sent(of_type(NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO), [](ArrowArray* array) {
        ArrowInterval interval;
        ArrowIntervalInit(&interval, NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO);
        interval.months = 14;
        interval.days = -3;
        interval.ns = 3'723'500'000'000;
        check(ArrowArrayAppendInterval(array, &interval));
        check(ArrowArrayAppendNull(array, 1));
    });
    EXPECT_EQ(written(R"("type":"INTERVAL")", sent), "{\"c\":\"1 year 2 mons -3 days +01:02:03.5\"}\n{\"c\":null}\n");
}

TEST(TestBigQueryArrow, RangesOfMomentsAreWrittenAsSqlDoes) {
    const Sent sent(
        [](ArrowSchema* schema) {
            check(ArrowSchemaSetTypeStruct(schema, 2));
            for (const int i : {0, 1}) {
                moments(NANOARROW_TIME_UNIT_MICRO, "UTC")(schema->children[i]);
                check(ArrowSchemaSetName(schema->children[i], i == 0 ? "start" : "end"));
            }
        },
        [](ArrowArray* array) {
            check(ArrowArrayAppendNull(array->children[0], 1));
            check(ArrowArrayAppendInt(array->children[1], 1'706'704'496'500'000));
            check(ArrowArrayFinishElement(array));
            check(ArrowArrayAppendNull(array, 1));
        });
    EXPECT_EQ(written(R"("type":"RANGE","rangeElementType":{"type":"TIMESTAMP"})", sent),
              "{\"c\":\"[UNBOUNDED, 2024-01-31 12:34:56.5+00)\"}\n{\"c\":null}\n");
    EXPECT_THROW(written(R"("type":"RANGE","rangeElementType":{"type":"DATE"})", sent),
                 errors::ExternalDatasourceError);
}

TEST(TestBigQueryArrow, AnArrayThatIsNullIsAnEmptyOne) {
    const Sent sent(
        [](ArrowSchema* schema) {
            check(ArrowSchemaSetType(schema, NANOARROW_TYPE_LIST));
            check(ArrowSchemaSetType(schema->children[0], NANOARROW_TYPE_INT64));
        },
        [](ArrowArray* array) {
            check(ArrowArrayAppendNull(array, 1));
            check(ArrowArrayAppendInt(array->children[0], 7));
            check(ArrowArrayFinishElement(array));
        });
    EXPECT_EQ(written(R"("type":"INT64","mode":"REPEATED")", sent), "{\"c\":[]}\n{\"c\":[7]}\n");
}

TEST(TestBigQueryArrow, AValueThatItsTypeDoesNotHaveIsRefused) {
    const Sent days(of_type(NANOARROW_TYPE_DATE32), integers({2'932'897}));
    EXPECT_THROW(written(R"("type":"DATE")", days), errors::ExternalDatasourceError);
    const Sent instants(moments(NANOARROW_TIME_UNIT_MICRO, "UTC"), integers({INT64_MIN}));
    EXPECT_THROW(written(R"("type":"TIMESTAMP")", instants), errors::ExternalDatasourceError);
    const Sent times(
        [](ArrowSchema* schema) {
            check(ArrowSchemaSetTypeDateTime(schema, NANOARROW_TYPE_TIME64, NANOARROW_TIME_UNIT_MICRO, nullptr));
        },
        integers({86'400'000'000}));
    EXPECT_THROW(written(R"("type":"TIME")", times), errors::ExternalDatasourceError);
}

TEST(TestBigQueryArrow, ATypeThatDoesNotHoldTheColumnIsRefused) {
    const Sent whole(of_type(NANOARROW_TYPE_INT64), integers({1}));
    for (const char* const type : {"STRING", "FLOAT64", "NUMERIC", "DATE", "BYTES", "BOOL", "RANGE", "STRUCT"}) {
        const std::string field = R"("fields":[],"type":")" + std::string(type) + "\"";
        EXPECT_THROW(written(field, whole), errors::ExternalDatasourceError) << type;
    }
    EXPECT_THROW(written(R"("type":"INT64","mode":"REPEATED")", whole), errors::ExternalDatasourceError);
    // A local time is no instant, and seconds are no microseconds.
    const Sent local(moments(NANOARROW_TIME_UNIT_MICRO, nullptr), integers({1}));
    EXPECT_THROW(written(R"("type":"TIMESTAMP")", local), errors::ExternalDatasourceError);
    EXPECT_EQ(written(R"("type":"DATETIME")", local), "{\"c\":\"1970-01-01 00:00:00.000001\"}\n{\"c\":null}\n");
    const Sent seconds(moments(NANOARROW_TIME_UNIT_SECOND, "UTC"), integers({1}));
    EXPECT_THROW(written(R"("type":"TIMESTAMP")", seconds), errors::ExternalDatasourceError);
}

TEST(TestBigQueryArrow, ColumnsThatAreOthersAreRefused) {
    const Sent sent(of_type(NANOARROW_TYPE_INT64), integers({1}));
    ArrowBatches batches(sent.schema_message());
    const auto of = [&](const char* fields) {
        make_arrow_columns(fields_of(Value::from_json(fields)), batches.schema());
    };
    EXPECT_NO_THROW(of(R"({"fields":[{"name":"c","type":"INT64"}]})"));
    EXPECT_THROW(of(R"({"fields":[{"name":"d","type":"INT64"}]})"), errors::ExternalDatasourceError);
    EXPECT_THROW(of(R"({"fields":[{"name":"c","type":"INT64"},{"name":"d","type":"INT64"}]})"),
                 errors::ExternalDatasourceError);
}

TEST(TestBigQueryArrow, TypesThatArrowDoesNotHoldAreKnown) {
    const auto fits = [](const char* fields) { return fits_arrow(fields_of(Value::from_json(fields))); };
    EXPECT_TRUE(fits(R"({"fields":[{"name":"c","type":"TIMESTAMP"}]})"));
    EXPECT_FALSE(fits(R"({"fields":[{"name":"c","type":"TIMESTAMP","timestampPrecision":"12"}]})"));
    EXPECT_FALSE(fits(R"({"fields":[{"name":"r","type":"RECORD","fields":[{"name":"c","type":"NEWTYPE"}]}]})"));
}

class TestDamagedArrow : public ::testing::Test {
protected:
    const Sent sent{of_type(NANOARROW_TYPE_STRING), [](ArrowArray* array) {
                        for (const char* const text : {"one", "", "two and a half"}) {
                            check(ArrowArrayAppendString(array, ArrowCharView(text)));
                        }
                        check(ArrowArrayAppendNull(array, 1));
                    }};
    const std::string type = R"("type":"STRING")";
    const std::string schema = sent.schema_message();
    const std::string batch = sent.batch_message();

    /// Refused, or read: never beyond the message, which the sanitisers look at.
    void read(const std::string& schema_message, const std::string& batch_message) {
        try {
            written(type, schema_message, batch_message, sent.rows());
        } catch (const errors::Error&) {
            ++refused;
        }
    }
    int refused = 0;
};

TEST_F(TestDamagedArrow, WholeMessagesAreRead) {
    EXPECT_EQ(written(type, schema, batch, 4),
              "{\"c\":\"one\"}\n{\"c\":\"\"}\n{\"c\":\"two and a half\"}\n{\"c\":null}\n");
    EXPECT_THROW(written(type, schema, batch, 5), errors::ExternalDatasourceError);
    EXPECT_THROW(written(type, batch, batch, 4), errors::ExternalDatasourceError);
    EXPECT_THROW(written(type, schema, schema, 4), errors::ExternalDatasourceError);
}

TEST_F(TestDamagedArrow, MessagesThatAreCutOffAreRefused) {
    for (std::size_t size = 0; size < schema.size(); ++size) {
        EXPECT_THROW(ArrowBatches(schema.substr(0, size)), errors::ExternalDatasourceError) << size;
    }
    for (std::size_t size = 0; size < batch.size(); ++size) {
        EXPECT_THROW(written(type, schema, batch.substr(0, size), 4), errors::ExternalDatasourceError) << size;
    }
}

TEST_F(TestDamagedArrow, AnyOtherByteIsNoMoreThanAnError) {
    for (std::size_t at = 0; at < batch.size(); ++at) {
        for (const int flip : {0x01, 0x80, 0xff}) {
            std::string other = batch;
            other[at] = static_cast<char>(other[at] ^ flip);
            read(schema, other);
        }
    }
    for (std::size_t at = 0; at < schema.size(); ++at) {
        for (const int flip : {0x01, 0x80, 0xff}) {
            std::string other = schema;
            other[at] = static_cast<char>(other[at] ^ flip);
            read(other, batch);
        }
    }
    EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace tinybird_cdk::bigquery
