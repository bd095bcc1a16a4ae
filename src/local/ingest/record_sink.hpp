// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "local/ingest/field.hpp"

namespace tinybird_cdk::local::ingest {

/// Takes what a reader found. One field per column of the data source, in its order.
class RecordSink {
public:
    RecordSink() = default;
    RecordSink(const RecordSink&) = delete;
    RecordSink& operator=(const RecordSink&) = delete;
    virtual ~RecordSink() = default;

    /// @param size of the record in the input, in bytes
    virtual void record(std::span<const Field> fields, std::size_t size) = 0;
    /// A record that can't be told into fields.
    virtual void unreadable(const std::string& reason) = 0;
};

/// Cuts an input into records.
class RecordReader {
public:
    RecordReader() = default;
    RecordReader(const RecordReader&) = delete;
    RecordReader& operator=(const RecordReader&) = delete;
    virtual ~RecordReader() = default;

    /// The next bytes of the input, cut anywhere.
    virtual void write(std::string_view data) = 0;
    /// The input is complete.
    virtual void finish() = 0;
};

}  // namespace tinybird_cdk::local::ingest
