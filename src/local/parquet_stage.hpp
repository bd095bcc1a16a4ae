// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinybird_cdk/schema.hpp>

#include "local/conversion.hpp"
#include "local/engine.hpp"

namespace tinybird_cdk::local {

/// A Parquet file on its way in. It is kept whole, for its columns are known at its end only; its rows are read in the
/// file's own types, so that each value can be checked against the type of the data source.
class ParquetStage {
public:
    explicit ParquetStage(std::filesystem::path file);
    ParquetStage(const ParquetStage&) = delete;
    ParquetStage& operator=(const ParquetStage&) = delete;
    ~ParquetStage();

    /// @throws errors::Error when the disk is full
    void write(std::string_view data);
    /// The file is complete. @throws Refusal 400 when it is no Parquet
    void finish(Engine& engine);
    /// What SELECTs read from.
    [[nodiscard]] std::string table() const;
    /// How a column gets from the file into its type.
    [[nodiscard]] Conversion conversion(const schema::Column& column) const;

private:
    [[nodiscard]] const schema::Type* type_of(const std::string& name) const;

    const std::filesystem::path file_;
    std::ofstream stream_;
    std::vector<std::pair<std::string, schema::Type>> columns_;
};

}  // namespace tinybird_cdk::local
