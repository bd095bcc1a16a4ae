// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <nanoarrow/nanoarrow.h>
#include <nanoarrow/nanoarrow_ipc.h>

#include <tinybird_cdk/record_batches.hpp>

namespace tinybird_cdk::bigquery {

/// Messages of Arrow's IPC format (https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format), as
/// the Storage Read API gives them: one with the schema, then record batches, neither compressed nor with dictionaries.
/// One thread at a time.
class ArrowBatches {
public:
    /// @param message with the schema @throws errors::ExternalDatasourceError for what is none, or can't be read
    explicit ArrowBatches(const std::string& message);
    ~ArrowBatches();
    ArrowBatches(const ArrowBatches&) = delete;
    ArrowBatches& operator=(const ArrowBatches&) = delete;

    /// A struct of the columns.
    [[nodiscard]] const ArrowSchema& schema() const noexcept { return *schema_; }
    /// The rows of a batch, a struct of the columns. Refers to the message, and is good until the next call. All of it
    /// is checked: no value lies outside. @param rows that it must have
    /// @throws errors::ExternalDatasourceError for a message that is damaged or of another kind
    const ArrowArrayView& read(const std::string& message, std::uint64_t rows);

private:
    void read_header(const std::string& message, ArrowIpcMessageType wanted);

    ArrowIpcDecoder decoder_{};
    OwnedArrowSchema schema_;
};

}  // namespace tinybird_cdk::bigquery
