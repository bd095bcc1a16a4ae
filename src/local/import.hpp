// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/catalog.hpp"
#include "local/conversion.hpp"
#include "local/engine.hpp"

namespace tinybird_cdk::local {

struct ImportRequest {
    bool replace = false;
    ImportFormat format = ImportFormat::csv;
    std::string replace_condition;
    char delimiter = ',';
    std::string id;
};

struct ImportResult {
    std::uint64_t rows = 0;
    std::uint64_t quarantined = 0;
    std::uint64_t invalid_lines = 0;
    std::vector<std::string> errors;  ///< the first reasons
};

/// One load, all or nothing: rows are staged, converted, and switched into the table in one step. Without `commit()`
/// nothing of it stays. Not thread-safe.
class Import {
public:
    /// @param scratch a directory for the engine's error file
    Import(Engine& engine, Catalog& catalog, DataSource source, ImportRequest request,
           const std::filesystem::path& scratch);
    Import(const Import&) = delete;
    Import& operator=(const Import&) = delete;
    ~Import();

    /// The next bytes of the input. @throws chdb::EngineError when the input can't be read at all
    void write(std::string_view data);
    /// Rows that fit go in, others to quarantine.
    ImportResult commit();

private:
    void begin_insert(const std::vector<std::size_t>& columns);
    void decide_header(bool at_end);
    [[nodiscard]] std::string staged_columns() const;
    void move_into_table();
    [[nodiscard]] std::string ready_table() const;
    [[nodiscard]] std::string raw_table() const;

    Engine& engine_;
    Catalog& catalog_;
    const DataSource source_;
    const ImportRequest request_;
    const std::filesystem::path error_file_;
    std::vector<Conversion> conversions_;
    std::optional<Engine::Lease> connection_;
    std::optional<chdb::Connection::Insert> insert_;
    std::string begin_;  ///< the input up to the end of its first record
};

/// The top-level field that a jsonpath reads, as in "$.name" or "$.name[:]". @throws errors::InvalidArgument for others
std::string input_field(const schema::Column& column);

}  // namespace tinybird_cdk::local
