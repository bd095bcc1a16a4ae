// SPDX-License-Identifier: Apache-2.0
// What the failure of a driver's stream means. The stream is our own: no driver here breaks when it is told to.
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>

#include "adbc/kept_stream.hpp"

namespace tinybird_cdk::adbc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// One that fails at its first batch, with this text.
ArrowArrayStream broken(const char* text) {
    ArrowArrayStream stream{};
    stream.get_next = [](ArrowArrayStream*, ArrowArray*) { return EIO; };
    stream.get_last_error = [](ArrowArrayStream* self) { return static_cast<const char*>(self->private_data); };
    stream.release = [](ArrowArrayStream* self) { self->release = nullptr; };
    stream.private_data = const_cast<char*>(text);  // NOLINT(cppcoreguidelines-pro-type-const-cast): only read
    return stream;
}

errors::ExternalDatasourceError failure(const char* text, std::optional<Meaning> meaning) {
    auto kept = std::make_unique<KeptStream>();
    *kept->stream.out() = broken(text);
    kept->meaning = [meaning](std::string_view) { return meaning; };
    ArrowStream stream(outer_stream(std::move(kept)), "The source");
    try {
        static_cast<void>(stream.next());
    } catch (const errors::ExternalDatasourceError& error) {
        return error;
    }
    throw std::runtime_error("there was a batch");
}

TEST(TestKeptStream, AFailureIsWhatItMeans) {
    EXPECT_EQ(failure("odd", std::nullopt).exit_code(), errors::ExitCode::bad_input);
    const auto lost = failure("EOF", Meaning{errors::ExitCode::temporary, "Run it again."});
    EXPECT_EQ(lost.exit_code(), errors::ExitCode::temporary);
    EXPECT_THAT(lost.what(), HasSubstr("The source failed while reading rows: EOF. Run it again."));
    EXPECT_EQ(failure("year", Meaning{errors::ExitCode::data_refused}).exit_code(), errors::ExitCode::data_refused);
}

/// One that gives batches of no columns, of as many rows as `lengths` says, and then its end.
struct Lengths {
    std::vector<std::int64_t> lengths;
    std::size_t given = 0;
};
ArrowArrayStream whole(Lengths& lengths) {
    ArrowArrayStream stream{};
    stream.get_next = [](ArrowArrayStream* self, ArrowArray* out) {
        auto& left = *static_cast<Lengths*>(self->private_data);
        *out = ArrowArray{};
        if (left.given < left.lengths.size()) {
            out->length = left.lengths[left.given++];
            out->release = [](ArrowArray* array) { array->release = nullptr; };
        }
        return 0;
    };
    stream.get_last_error = [](ArrowArrayStream*) -> const char* { return nullptr; };
    stream.release = [](ArrowArrayStream* self) { self->release = nullptr; };
    stream.private_data = &lengths;
    return stream;
}

ArrowStream kept(Lengths& lengths, std::shared_ptr<const Ending> ending, std::int64_t rows = -1) {
    auto stream = std::make_unique<KeptStream>();
    *stream->stream.out() = whole(lengths);
    stream->ending = std::move(ending);
    stream->rows_to_come = rows;
    return ArrowStream(outer_stream(std::move(stream)), "The source");
}

TEST(TestKeptStream, AnEndIsNoSuccessOfAQueryThatWasEnded) {
    const auto ending = std::make_shared<Ending>();
    ending->late_text = "ran too long";
    Lengths lengths{{3}};
    ArrowStream stream = kept(lengths, ending);
    EXPECT_FALSE(stream.next().empty());
    ending->cancelled = true;
    EXPECT_THROW(static_cast<void>(stream.next()), errors::InterruptedError);
    ending->late = true;
    try {
        static_cast<void>(stream.next());
        FAIL() << "the query was late";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("ran too long"));
        EXPECT_TRUE(error.retryable());
    }
}

TEST(TestKeptStream, AnEndBeforeTheLastRowIsAFailure) {
    for (const std::int64_t rows : {5, -1, 6, 4}) {
        Lengths lengths{{3, 2}};
        ArrowStream stream = kept(lengths, nullptr, rows);
        EXPECT_FALSE(stream.next().empty());
        EXPECT_FALSE(stream.next().empty());
        if (rows == 5 || rows < 0) {
            EXPECT_TRUE(stream.next().empty());
            continue;
        }
        try {
            static_cast<void>(stream.next());
            FAIL() << "there are " << rows << " rows";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("after 5 of its " + std::to_string(rows) + " rows"));
            EXPECT_TRUE(error.retryable());
        }
    }
}

TEST(TestKeptStream, ASignedUrlKeepsItsSignature) {
    const auto lost = failure("Get \"https://parts.test/1?X-Amz-Signature=0a1b2c3d4e&part=1\": EOF", std::nullopt);
    EXPECT_THAT(lost.what(), HasSubstr("https://parts.test/1?"));
    EXPECT_THAT(lost.what(), Not(HasSubstr("0a1b2c3d4e")));
}

}  // namespace
}  // namespace tinybird_cdk::adbc
