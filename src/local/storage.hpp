// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "local/catalog.hpp"
#include "local/engine.hpp"

namespace tinybird_cdk::local {

/// What a data source may become. What is absent stays.
struct Alteration {
    std::optional<std::vector<schema::Column>> columns;
    std::optional<std::string> description;
    std::optional<std::string> ttl;  ///< empty: none any more
};

/// The tables behind the data sources: making, emptying, changing and dropping them. Thread-safe. A change of several
/// tables is written down first (`Intent`), so that a crash in its middle loses nothing.
class Storage {
public:
    Storage(Engine& engine, Catalog& catalog) : engine_(engine), catalog_(catalog) {}

    /// Finishes or undoes what a crash has left half-done. To be called once, before anything else.
    void recover();

    /// @throws Refusal 409 when the name is taken, errors::InvalidArgument for a table that is not to be had
    void create(DataSource source);
    void drop(const DataSource& source);
    void truncate(const DataSource& source);
    /// Deletes rows. @return how many
    std::uint64_t delete_rows(const DataSource& source, const std::string& condition);
    /// Adds columns behind the last one, lets columns take NULL, changes TTL and description.
    /// @return what it did, or with `dry` would do. @throws Refusal 400 for any other change, and when there is none
    std::vector<std::string> alter(const DataSource& source, const Alteration& alteration, bool dry = false);

    /// Gives a data source another name, with its quarantine.
    void rename(const DataSource& source, const std::string& name);
    /// Two data sources take each other's names, with their quarantines.
    void exchange(const DataSource& one, const DataSource& other);

    struct Size {
        std::uint64_t rows = 0;
        std::uint64_t bytes = 0;
    };
    Size size(const std::string& table);

private:
    [[nodiscard]] Intent begin(Intent intent);
    void end(const Intent& intent, const std::function<void(CatalogState&)>& edit = {});
    /// Intents that an earlier call could not end.
    void settle();
    void settle(const Intent& intent);
    void finish_rename(const Intent& intent);
    void finish_exchange(const Intent& intent);
    void finish_alter(const Intent& intent);
    void put_strays_aside();

    [[nodiscard]] bool exists(const std::string& table);
    [[nodiscard]] std::string uuid_of(const std::string& table);
    void check_free(const std::string& name);

    Engine& engine_;
    Catalog& catalog_;
    std::mutex structure_;  ///< one change of tables at a time
};

/// "`workspace`.`name`".
std::string table_of(const std::string& name);
std::string quarantine_of(const std::string& name);

}  // namespace tinybird_cdk::local
