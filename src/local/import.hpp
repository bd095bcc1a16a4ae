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
#include "local/import_format.hpp"
#include "local/ingest/csv_reader.hpp"
#include "local/ingest/row_stage.hpp"
#include "local/parquet_stage.hpp"

namespace tinybird_cdk::local {

struct ImportRequest {
    bool replace = false;
    ImportFormat format = ImportFormat::csv;
    std::string replace_condition;
    ingest::CsvDialect dialect;
    std::string id;
};

struct ImportResult {
    std::uint64_t rows = 0;
    std::uint64_t quarantined = 0;
    std::uint64_t invalid_lines = 0;
    std::uint64_t converted = 0;      ///< rows that went by way of texts
    std::vector<std::string> errors;  ///< the first reasons
};

/// One load, all or nothing: rows are staged, those that need it are converted, and all are switched into the table in
/// one step. Without `commit()` nothing of it stays. Not thread-safe.
class Import {
public:
    /// @param scratch a directory for files that don't outlive the import
    Import(Engine& engine, Catalog& catalog, DataSource source, ImportRequest request,
           const std::filesystem::path& scratch);
    Import(const Import&) = delete;
    Import& operator=(const Import&) = delete;
    ~Import();

    /// The next bytes of the input. @throws chdb::EngineError, Refusal when the input can't be read at all
    void write(std::string_view data);
    /// What a form may say behind its file. Before `commit()`.
    void set_replace_condition(std::string condition) { request_.replace_condition = std::move(condition); }
    /// Rows that fit go in, others to quarantine.
    /// @throws Refusal 404 or 409 when the data source was dropped or changed since the import began
    ImportResult commit();

private:
    [[nodiscard]] std::string staging(std::string_view what) const;
    void convert_texts(ImportResult& result);
    void convert_parquet(ImportResult& result);
    void divert(const std::string& from, const std::vector<Conversion>& conversions, ImportResult& result);
    void switch_in(bool has_quarantine);

    Engine& engine_;
    Catalog& catalog_;
    const DataSource source_;
    ImportRequest request_;
    const std::filesystem::path journal_;
    std::optional<ParquetStage> parquet_;
    std::optional<ingest::RowStage> stage_;
    std::unique_ptr<ingest::RecordReader> reader_;
};

}  // namespace tinybird_cdk::local
