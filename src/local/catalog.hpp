// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
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
    std::string created_at;  ///< "2026-01-01 00:00:00.000000"
    std::string updated_at;
};

/// The data sources of the workspace, kept in a file. Thread-safe.
class Catalog {
public:
    /// @param file is written anew at each change, by rename
    explicit Catalog(std::filesystem::path file);

    [[nodiscard]] std::vector<DataSource> all() const;
    /// By name or id.
    [[nodiscard]] std::optional<DataSource> find(const std::string& name) const;
    void put(DataSource source);
    void remove(const std::string& name);
    /// Notes that the rows of a data source changed now; nothing happens when there is none of this id.
    void touch(const std::string& id);

    /// Writers to one data source queue on this. Readers need nothing.
    [[nodiscard]] std::shared_ptr<std::mutex> write_lock(const std::string& name);

private:
    void save() const;

    const std::filesystem::path file_;
    mutable std::mutex mutex_;
    std::map<std::string, DataSource> sources_;
    std::map<std::string, std::shared_ptr<std::mutex>> locks_;
};

/// Now, as Tinybird writes times.
std::string timestamp_now();

}  // namespace tinybird_cdk::local
