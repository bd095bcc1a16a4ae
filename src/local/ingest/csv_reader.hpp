// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tinybird_cdk/schema.hpp>

#include "local/ingest/record_buffer.hpp"
#include "local/ingest/record_sink.hpp"

namespace tinybird_cdk::local::ingest {

struct CsvDialect {
    char delimiter = ',';
    char new_line = '\n';        ///< or '\r'; a '\r' before a '\n' belongs to it
    std::optional<char> escape;  ///< takes the character behind it as it is; quotes are doubled anyhow
};

/// The records of a CSV text. A first record that names columns says which they are; columns go by position otherwise.
/// Empty fields without quotes and \N are NULL; blanks around fields without quotes don't count.
class CsvReader final : public RecordReader {
public:
    CsvReader(const std::vector<schema::Column>& columns, CsvDialect dialect, RecordSink& sink);

    void write(std::string_view data) override;
    void finish() override;

private:
    struct Piece {
        Field::Kind kind = Field::Kind::text;
        char* begin = nullptr;
        std::size_t size = 0;
        bool escaped = false;
        bool quoted = false;
    };
    enum class Cut { record, unreadable, empty, incomplete };

    void read(bool at_end);
    Cut cut(char*& at, char* end, bool at_end);
    bool cut_quoted(char*& at, char* end);
    void cut_plain(char*& at, const char* end);
    std::size_t unescape(Piece& piece) const;
    void deliver(std::size_t size);
    bool take_header();
    void take_positions(const std::vector<std::size_t>& columns);
    void append_tuple(const schema::Type& tuple, std::size_t& at, std::string& text) const;

    const std::vector<schema::Column> columns_;
    const CsvDialect dialect_;
    RecordSink& sink_;
    RecordBuffer buffer_;
    std::vector<Piece> pieces_;
    std::vector<Field> fields_;
    std::vector<std::string> tuples_;
    std::string reason_;
    bool begun_ = false;
    struct Place {
        std::size_t column;
        std::size_t width;  ///< a tuple has a field for each member
    };
    std::vector<Place> places_;
    std::size_t width_ = 0;
};

}  // namespace tinybird_cdk::local::ingest
