// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <tinybird_cdk/schema.hpp>

#include "local/ingest/json_paths.hpp"
#include "local/ingest/json_text.hpp"
#include "local/ingest/record_buffer.hpp"
#include "local/ingest/record_sink.hpp"

namespace tinybird_cdk::local::ingest {

/// The objects of an NDJSON text, read strictly; an array of objects does too. A line that is no object is
/// unreadable, and the next record begins on the next line.
class NdjsonReader final : public RecordReader {
public:
    /// @throws errors::InvalidArgument for a jsonpath that is not served
    NdjsonReader(const std::vector<schema::Column>& columns, RecordSink& sink);

    void write(std::string_view data) override;
    void finish() override;

private:
    void read(bool at_end);
    Scan object(JsonScanner& scanner, PathTree& paths, unsigned depth);
    Scan member(JsonScanner& scanner, PathTree& paths, unsigned depth);
    Scan value(JsonScanner& scanner, PathTree& place, unsigned depth);
    bool set(const std::vector<std::size_t>& columns, const Field& field, bool escaped);
    bool unescape();

    PathTree paths_;
    RecordSink& sink_;
    RecordBuffer buffer_;
    std::vector<Field> fields_;
    std::vector<std::size_t> escaped_;  // columns whose texts have escapes
    std::vector<std::string> texts_;    // those texts without them
    std::string reason_;
    bool begun_ = false;
};

}  // namespace tinybird_cdk::local::ingest
