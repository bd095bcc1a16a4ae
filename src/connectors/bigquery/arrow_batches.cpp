// SPDX-License-Identifier: Apache-2.0
#include "arrow_batches.hpp"

#include <cstdint>
#include <new>
#include <string_view>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::bigquery {

namespace {

[[noreturn]] void refuse(std::string_view why) {
    throw errors::ExternalDatasourceError(fmt::format("BigQuery: rows in Arrow's format can't be read: {}", why));
}

void check(int code, const ArrowError& error) {
    if (code != NANOARROW_OK) {
        refuse(error.message);
    }
}

ArrowBufferView view_of(std::string_view bytes) {
    return {.data = {.data = bytes.data()}, .size_bytes = static_cast<std::int64_t>(bytes.size())};
}

/// Values are read where they are, so they must be where their types want them.
void check_alignment(const std::string& message) {
    constexpr std::uintptr_t alignment = 8;
    if (reinterpret_cast<std::uintptr_t>(message.data()) % alignment != 0) {
        refuse("the message is not aligned");
    }
}

}  // namespace

ArrowBatches::ArrowBatches(const std::string& message) {
    if (ArrowIpcDecoderInit(&decoder_) != NANOARROW_OK) {
        throw std::bad_alloc();
    }
    try {
        read_header(message, NANOARROW_IPC_MESSAGE_TYPE_SCHEMA);
        ArrowError error{};
        check(ArrowIpcDecoderDecodeSchema(&decoder_, schema_.out(), &error), error);
        if (decoder_.endianness != ArrowIpcSystemEndianness()) {
            refuse("their bytes are in another order than those of this machine");
        }
        check(ArrowIpcDecoderSetSchema(&decoder_, schema_.get(), &error), error);
        if (ArrowIpcDecoderSetEndianness(&decoder_, decoder_.endianness) != NANOARROW_OK) {
            refuse("the order of their bytes");
        }
    } catch (...) {
        ArrowIpcDecoderReset(&decoder_);
        throw;
    }
}

ArrowBatches::~ArrowBatches() {
    ArrowIpcDecoderReset(&decoder_);
}

void ArrowBatches::read_header(const std::string& message, ArrowIpcMessageType wanted) {
    check_alignment(message);
    ArrowError error{};
    check(ArrowIpcDecoderVerifyHeader(&decoder_, view_of(message), &error), error);
    check(ArrowIpcDecoderDecodeHeader(&decoder_, view_of(message), &error), error);
    if (decoder_.message_type != wanted) {
        refuse(fmt::format("a message is of kind {}, and should be of kind {}", static_cast<int>(decoder_.message_type),
                           static_cast<int>(wanted)));
    }
}

const ArrowArrayView& ArrowBatches::read(const std::string& message, std::uint64_t rows) {
    read_header(message, NANOARROW_IPC_MESSAGE_TYPE_RECORD_BATCH);
    if (decoder_.codec != NANOARROW_IPC_COMPRESSION_TYPE_NONE) {
        refuse("a batch is compressed, and it was not asked to be");
    }
    const std::string_view body =
        std::string_view(message).substr(static_cast<std::size_t>(decoder_.header_size_bytes));
    if (decoder_.body_size_bytes < 0 || static_cast<std::uint64_t>(decoder_.body_size_bytes) > body.size()) {
        refuse("a batch is cut off");
    }
    ArrowError error{};
    ArrowArrayView* view = nullptr;
    check(ArrowIpcDecoderDecodeArrayView(&decoder_, view_of(body), -1, &view, &error), error);
    check(ArrowArrayViewValidate(view, NANOARROW_VALIDATION_LEVEL_FULL, &error), error);
    if (static_cast<std::uint64_t>(view->length) != rows) {
        refuse(fmt::format("a batch has {} rows, and should have {}", view->length, rows));
    }
    return *view;
}

}  // namespace tinybird_cdk::bigquery
