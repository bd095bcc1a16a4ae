// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <vector>

#include <tinybird_cdk/row_writer.hpp>

#include "codec.hpp"
#include "connection.hpp"
#include "field.hpp"
#include "handles.hpp"

namespace tinybird_cdk::mysql {

/// A user's query as a prepared statement: described without being run, then run once, its rows read one by one as the
/// server sends them, in the binary protocol. What was not read to its end is cut off with the object.
class Statement {
public:
    /// Prepares. @param connection must outlive the statement
    /// @throws errors::InvalidArgument for a statement without columns, or with placeholders
    Statement(Connection& connection, const std::string& sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    [[nodiscard]] const std::vector<Field>& fields() const noexcept { return fields_; }
    /// Runs it; the fields are then those of the rows.
    void execute();
    /// Writes the next row. @return false at the end
    bool write_row(RowWriter& writer);
    /// Reads the next row and forgets it. @return false at the end
    bool skip_row();

private:
    static void on_value(void* self, unsigned int column, unsigned char** position);
    void take_value(unsigned int column, unsigned char** position);
    bool fetch();
    void read_fields();
    [[noreturn]] void fail();
    [[noreturn]] void rethrow_failure() const;

    Connection& connection_;
    StatementHandle statement_;
    std::vector<Field> fields_;
    std::vector<Decoder> decoders_;
    RowWriter* writer_ = nullptr;
    std::string scratch_;
    std::exception_ptr failure_;
    unsigned int column_ = 0;  ///< whose value was taken last
};

}  // namespace tinybird_cdk::mysql
