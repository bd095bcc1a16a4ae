// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/record_batches.hpp>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk {

namespace {

class OneStream final : public RecordBatches {
public:
    explicit OneStream(ArrowStream stream) : stream_(std::move(stream)) {}

    ArrowStream open() override {
        if (stream_.empty()) {
            throw errors::Error("the record batches were read once, and this stream can't begin again",
                                "Run the load again with a new stream.", errors::ExitCode::temporary);
        }
        return std::exchange(stream_, ArrowStream());
    }

private:
    ArrowStream stream_;
};

}  // namespace

OwnedArrowSchema ArrowStream::schema() {
    if (empty()) {
        throw errors::Error("the stream of record batches was released before it was read",
                            "This is a defect of the connector.");
    }
    OwnedArrowSchema schema;
    const int code = stream_->get_schema(stream_.get(), schema.out());
    if (code != 0) {
        fail(code, "describing its columns");
    }
    return schema;
}

OwnedArrowArray ArrowStream::next() {
    OwnedArrowArray batch;
    const int code = stream_->get_next(stream_.get(), batch.out());
    if (code != 0) {
        fail(code, "reading rows");
    }
    return batch;
}

void ArrowStream::fail(int code, const char* doing) {
    // The text is the stream's: it is gone when the stream is.
    const char* const message = stream_->get_last_error(stream_.get());
    // What a driver says may hold the signed URL of a part of the result.
    const std::string text = logger::mask(message != nullptr && *message != '\0' ? message : std::strerror(code));
    const std::string source = source_.empty() ? "the stream of record batches" : source_;
    if (code == ECANCELED) {
        throw errors::InterruptedError(fmt::format("{} was cancelled while {}: {}", source, doing, text));
    }
    throw errors::ExternalDatasourceError(fmt::format("{} failed while {}: {}", source, doing, text), {}, {},
                                          code == ETIMEDOUT   ? errors::ExitCode::temporary
                                          : code == EOVERFLOW ? errors::ExitCode::data_refused
                                                              : errors::ExitCode::bad_input);
}

std::unique_ptr<RecordBatches> record_batches_of(ArrowStream stream) {
    return std::make_unique<OneStream>(std::move(stream));
}

}  // namespace tinybird_cdk
