// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/source_limits.hpp>

/// Connectors to warehouses, which can write a result to a bucket themselves (docs/adr/0025).
namespace tinybird_cdk {

/// How the rows of a warehouse travel.
enum class Route : std::uint8_t {
    automatic,  ///< by a bucket if there is one and the result is large, else direct
    bucket,     ///< the warehouse writes objects, which Tinybird fetches
    direct      ///< the kit reads the result, encodes and uploads it
};

/// A directory of a bucket for one unload. Nothing else is in it.
struct UnloadLocation {
    std::shared_ptr<cloud::Client> client;
    std::string bucket;
    std::string directory;  ///< ends in a slash
};

/// What a warehouse is to write.
struct UnloadRequest {
    std::string query;
    Format format = Format::csv;
    UnloadLocation location;
    std::stop_token stop = {};
    SourceLimits limits = {};
};

/// What a warehouse says of a query before it is run.
struct UnloadEstimate {
    std::optional<std::uint64_t> bytes = {};  ///< of the result, about; where that is not known, what is read for it
    std::string not_by_bucket = {};           ///< why the warehouse can't write this result; empty: it can
};

/// The base of connectors to warehouses.
class WarehouseConnector : public SqlConnector {
public:
    /// For the loads from now on.
    void set_route(Route route) noexcept { route_ = route; }

protected:
    using SqlConnector::SqlConnector;

    /// Where unloads go; `directory` is where their directories are made, "" or one that ends in a slash. Nothing: no
    /// bucket is configured.
    virtual std::optional<UnloadLocation> location_() = 0;
    /// Which variable names the bucket, for messages.
    [[nodiscard]] virtual std::string_view bucket_variable_() const noexcept = 0;
    /// A dry run. @throws errors::ExternalDatasourceError for a query that can't be run
    virtual UnloadEstimate estimate_(const UnloadRequest& request) = 0;
    /// Has the result written below the location and waits for that. @return the directory, which knows its rows. When
    /// it throws, the job is cancelled and nothing is left.
    virtual CloudDir unload_(const UnloadRequest& request) = 0;
    /// Rows or RecordBatches.
    virtual Export direct_(const ExportRequest& request) = 0;

private:
    /// Chooses the route.
    Export export_(const ExportRequest& request) final;

    Route route_ = Route::automatic;
};

}  // namespace tinybird_cdk
