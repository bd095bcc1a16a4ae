// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::local {

/// What the server knows of a data source beside its table. A copy: it does not change under its reader.
struct DataSource {
    std::string id;
    std::string name;
    std::string description;
    std::vector<schema::Column> columns;
    std::string engine = "MergeTree";
    std::string sorting_key = "tuple()";
    std::string partition_key;
    std::string ttl;
    std::string created_at;  ///< "2026-01-01 00:00:00.000000"
    std::string updated_at;
};

/// A change of tables that is under way, written down before it begins. What a crash leaves of it is finished or undone
/// at the next start, by this alone: a table is never judged by its name.
struct Intent {
    enum class Kind { create, drop, rename, exchange, alter };
    std::string id;
    Kind kind = Kind::create;
    DataSource before;                          ///< of create: the new one
    DataSource after;                           ///< of exchange: the other one
    std::map<std::string, std::string> tables;  ///< of exchange: the UUID that each name had
};

struct CatalogState {
    std::map<std::string, DataSource> sources;  ///< by name
    std::vector<Intent> intents;
};

/// The data sources of the workspace, kept in a file. Thread-safe.
class Catalog {
public:
    /// @param file is written anew at each change, by rename
    explicit Catalog(std::filesystem::path file);

    [[nodiscard]] std::vector<DataSource> all() const;
    /// By name or id.
    [[nodiscard]] std::optional<DataSource> find(const std::string& name) const;
    [[nodiscard]] std::vector<Intent> intents() const;

    /// All of a change or nothing: what can't be written is not known either. @throws errors::Error
    void change(const std::function<void(CatalogState&)>& edit);
    void put(DataSource source);
    /// Rows of it have changed. One that is gone meanwhile stays gone.
    void touch(const std::string& id);

    /// Writers to one data source queue on this. Readers need nothing.
    [[nodiscard]] std::shared_ptr<std::mutex> write_lock(const std::string& name);

private:
    void save(const CatalogState& state) const;

    const std::filesystem::path file_;
    mutable std::mutex mutex_;
    CatalogState state_;
    std::map<std::string, std::shared_ptr<std::mutex>> locks_;
};

/// Now, as Tinybird writes times.
std::string timestamp_now();

}  // namespace tinybird_cdk::local
