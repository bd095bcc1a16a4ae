// SPDX-License-Identifier: Apache-2.0
#include "encode/parquet/file_writer.hpp"

#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::encode::parquet {

void FileWriter::open(OwnedArrowSchema schema) {
    tb_cdk_parquet_failure failure{};
    check(api_.open(schema.get(), &FileWriter::take, this, &writer_, &failure), failure);
}

void FileWriter::write(const ArrowArray& rows) {
    // Whoever is given an array owns it: here a shell whose end leaves the buffers alone.
    ArrowArray lent = rows;
    lent.release = [](ArrowArray* array) { array->release = nullptr; };
    lent.private_data = nullptr;
    tb_cdk_parquet_failure failure{};
    check(api_.write(writer_, &lent, &failure), failure);
}

void FileWriter::finish() {
    tb_cdk_parquet_failure failure{};
    check(api_.finish(writer_, &failure), failure);
    close();
}

int FileWriter::take(void* context, const char* bytes, std::size_t count) noexcept {
    auto& self = *static_cast<FileWriter*>(context);
    if (self.abandoned_) {
        return 1;
    }
    try {
        self.output_.append_in_blocks({bytes, count});
        return 0;
    } catch (...) {
        self.sink_failure_ = std::current_exception();
        self.abandoned_ = true;
        return 1;
    }
}

void FileWriter::check(int code, const tb_cdk_parquet_failure& failure) {
    if (sink_failure_) {
        std::rethrow_exception(std::exchange(sink_failure_, nullptr));
    }
    if (code != 0) {
        abandoned_ = true;
        throw errors::Error(fmt::format("the rows can't be written as Parquet: {}", failure.text),
                            "Choose csv or ndjson.", errors::ExitCode::data_refused);
    }
}

void FileWriter::close() noexcept {
    // What is closed in the middle is of no use: no more bytes of it.
    abandoned_ = true;
    if (void* const writer = std::exchange(writer_, nullptr)) {
        api_.close(writer);
    }
    abandoned_ = false;
}

}  // namespace tinybird_cdk::encode::parquet
