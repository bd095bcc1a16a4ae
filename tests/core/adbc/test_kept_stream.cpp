// SPDX-License-Identifier: Apache-2.0
// What the failure of a driver's stream means. The stream is our own: no driver here breaks when it is told to.
#include <cerrno>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

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

TEST(TestKeptStream, ASignedUrlKeepsItsSignature) {
    const auto lost = failure("Get \"https://parts.test/1?X-Amz-Signature=0a1b2c3d4e&part=1\": EOF", std::nullopt);
    EXPECT_THAT(lost.what(), HasSubstr("https://parts.test/1?"));
    EXPECT_THAT(lost.what(), Not(HasSubstr("0a1b2c3d4e")));
}

}  // namespace
}  // namespace tinybird_cdk::adbc
