// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "local/import.hpp"
#include "local/router.hpp"
#include "local/server.hpp"

namespace tinybird_cdk::local {

/// A new data source with the data that comes with it. The data is kept until it is all there: its schema may have to
/// be guessed, and nothing is left of a data source whose data can't be imported.
class DataSourceCreation {
public:
    /// @throws Refusal 400 or 409 for a name that can't be had, when it is known already
    DataSourceCreation(Services& services, const Call& call);
    DataSourceCreation(const DataSourceCreation&) = delete;
    DataSourceCreation& operator=(const DataSourceCreation&) = delete;
    ~DataSourceCreation();

    /// @throws errors::Error when the disk is full
    void write(std::string_view data);
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// All parameters and data are there. @throws Refusal 400 without a schema or data to guess it from
    DataSource create();
    [[nodiscard]] const ImportRequest& request() const noexcept { return request_; }
    /// Behind `create()`. When it throws, the data source is gone again.
    ImportResult import_data();

private:
    void check_name() const;
    [[nodiscard]] DataSource described();
    ImportResult import_file(const DataSource& source);

    Services& services_;
    const Call& call_;
    const std::filesystem::path file_;
    std::ofstream stream_;
    std::uint64_t size_ = 0;
    ImportRequest request_;
    DataSource source_;
};

}  // namespace tinybird_cdk::local
