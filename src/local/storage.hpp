// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "local/catalog.hpp"
#include "local/engine.hpp"

namespace tinybird_cdk::local {

/// The tables behind the data sources: making, emptying, changing and dropping them. Thread-safe.
class Storage {
public:
    Storage(Engine& engine, Catalog& catalog) : engine_(engine), catalog_(catalog) {}

    /// Drops tables that no data source has: what a crash left between a table and its entry.
    void remove_strays();

    void create(DataSource source);
    void drop(const DataSource& source);
    void truncate(const DataSource& source);
    /// Deletes rows. @return how many
    std::uint64_t delete_rows(const DataSource& source, const std::string& condition);
    /// Adds columns behind the last one. @throws errors::InvalidArgument for any other change
    void alter(const DataSource& source, const std::vector<schema::Column>& columns);

    /// Gives a data source another name, with its quarantine.
    void rename(const DataSource& source, const std::string& name);

    struct Size {
        std::uint64_t rows = 0;
        std::uint64_t bytes = 0;
    };
    Size size(const std::string& table);

private:
    Engine& engine_;
    Catalog& catalog_;
};

/// "`workspace`.`name`".
std::string table_of(const std::string& name);
std::string quarantine_of(const std::string& name);

}  // namespace tinybird_cdk::local
